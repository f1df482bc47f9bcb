package migrate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/account"
)

// Options says how a file is to be read and judged. They are kept with the migration: a resume uses the same. The zero
// value is the strictest: amounts in minor units that a live run refuses as unstated, 24 hours of lead, nothing
// skipped, and customers not looked up.
type Options struct {
	Unit         csvspec.Unit    `json:"unit"`                    // zero reads minor units, and a live run of a file with amounts is refused
	AllowColumns []string        `json:"allow_columns,omitempty"` // unknown columns that are acknowledged by name; nil is none
	Sheet        string          `json:"sheet,omitempty"`         // worksheet of an Excel workbook; "" is the one with a header of the format
	Lead         time.Duration   `json:"lead"`                    // validate.LiveLead or validate.SandboxLead; zero is LiveLead
	Margin       time.Duration   `json:"margin"`                  // added to the lead, because a run takes time; zero is none, the program takes validate.DefaultMargin
	Direct       schedule.Direct `json:"direct,omitempty"`        // which rows become direct subscriptions; zero is none
	SkipInvalid  bool            `json:"skip_invalid,omitempty"`  // leave out rows with errors; false refuses the whole file

	// SkipScheduled leaves out rows whose subscriptions are scheduled or live already; Again schedules them a second
	// time, and the whole file when the account has had it before. With both false they are refused.
	SkipScheduled bool `json:"skip_scheduled,omitempty"`
	Again         bool `json:"again,omitempty"`

	// CheckCustomers looks up whether the customers exist and can be charged, when there are not too many of them. With
	// false, a customer who does not exist shows only when Stripe refuses the row.
	CheckCustomers bool `json:"check_customers,omitempty"`

	// Account is the account that is meant; a review of a file in another one returns an *UnexpectedAccountError. "" is any.
	Account string `json:"-"`

	// SourceIDs returns which of these IDs, that the account lacks, are those of the account which the subscriptions come
	// from, with the ID that the same thing has in this account, "" when that is not known. nil knows of none.
	SourceIDs func(ctx context.Context, missing ObjectIDs) (map[string]string, error) `json:"-"`

	// Unlike returns which of the account's prices and coupons are sold on other terms than what they stand for in the
	// account which the subscriptions come from. nil compares nothing.
	Unlike func(ctx context.Context, known *account.Account) (map[string][]account.Unlike, error) `json:"-"`
}

// Validation returns the options for one pass of validation at a moment; known is nil before the account was read.
func (o Options) Validation(now time.Time, known *account.Account) validate.Options {
	return validate.Options{
		Now: now, Lead: o.Lead, Margin: o.Margin, Unit: o.Unit, Sheet: o.Sheet, AllowColumns: o.AllowColumns, Account: known,
		Direct: o.Direct,
	}
}

// reads tells whether two options read the same rows from a file. Amounts, columns, the sheet and what
// rows become count; the lead, the margin and what is skipped only decide which rows are left out, and may differ when a
// run goes on.
func (o Options) reads(other Options) bool {
	mine, theirs := slices.Sorted(slices.Values(o.AllowColumns)), slices.Sorted(slices.Values(other.AllowColumns))
	return o.Direct == other.Direct && minor(o.Unit) == minor(other.Unit) && strings.EqualFold(o.Sheet, other.Sheet) && slices.Equal(mine, theirs)
}

func minor(u csvspec.Unit) bool { return u != csvspec.UnitMajor }

func (o Options) describe() string {
	text := "amounts in major units"
	if minor(o.Unit) {
		text = "amounts in minor units"
	}
	if o.Sheet != "" {
		text += fmt.Sprintf(", the sheet %q", o.Sheet)
	}
	switch o.Direct {
	case schedule.Exact:
		text += ", direct subscriptions where they are more exact than schedules"
	case schedule.Needed:
		text += ", direct subscriptions where no schedule is possible"
	}
	if len(o.AllowColumns) > 0 {
		text += " and the columns " + strings.Join(o.AllowColumns, ", ") + " left out"
	}
	return text
}

package plan

import (
	"time"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/schedule"
)

// Version is the version of the plan files that this package writes, and the only one it reads.
const Version = 2

// Plan is what a file becomes in an account: all that a reviewer signs. The rows are not part of it;
// RowsDigest stands for them.
type Plan struct {
	Version    int             `json:"version"`
	Created    time.Time       `json:"created"` // in UTC, to the second
	Input      Input           `json:"input"`
	Account    migrate.Account `json:"account"`
	APIVersion string          `json:"api_version"`
	Options    Options         `json:"options"`
	Rows       Rows            `json:"rows"`

	Strategies map[schedule.Strategy]int64 `json:"strategies"`
	Totals     []Total                     `json:"totals"`    // by currency
	Days       []Day                       `json:"days"`      // of the listed charges, by day in UTC and by currency
	Recurring  []Recurring                 `json:"recurring"` // by currency
	Unknown    map[forecast.Reason]int64   `json:"unknown"`   // how many charges are not known, by reason; one may have several

	// Assumptions counts the charges that are computed from each; one may rest on several.
	Assumptions map[forecast.Assumption]int64 `json:"assumptions,omitempty"`

	// Facts describes the objects that the charges are computed from, so that a difference can be named.
	Facts map[string]string `json:"facts"`

	// RowsDigest is a SHA-256 over every planned row: its number, its schedule and its charges. Two plans with the same one
	// create the same schedules for the same charges.
	RowsDigest string `json:"rows_digest"`

	// Digest is a SHA-256 over all of the above, RowsDigest included: what a reviewer has signed.
	Digest string `json:"digest"`
}

// Direct returns how many rows become direct subscriptions.
func (p *Plan) Direct() (n int64) {
	for s, rows := range p.Strategies {
		if s.IsDirect() {
			n += rows
		}
	}
	return n
}

// Input is the file that is planned.
type Input struct {
	Name   string `json:"name"`           // as the user called it
	Path   string `json:"path,omitempty"` // where it is found again
	SHA256 string `json:"sha256"`
}

// Options says how the file was read and judged.
type Options struct {
	Unit           string          `json:"amount_unit"` // unstated, minor or major
	AllowColumns   []string        `json:"allow_columns,omitempty"`
	Sheet          string          `json:"sheet,omitempty"`
	LeadSeconds    int64           `json:"lead_seconds"`
	MarginSeconds  int64           `json:"margin_seconds"`
	Direct         schedule.Direct `json:"direct,omitempty"` // which rows become direct subscriptions
	SkipInvalid    bool            `json:"skip_invalid,omitempty"`
	SkipScheduled  bool            `json:"skip_scheduled,omitempty"`
	CheckCustomers bool            `json:"check_customers,omitempty"`
	Renewals       int             `json:"renewals"` // how many are listed with each row
	MadeUp         bool            `json:"made_up_account,omitempty"`
	AccountFile    string          `json:"account_file,omitempty"` // the account's, of the embedded sandbox, as the user called it
}

// Rows counts the rows of the file.
type Rows struct {
	Total     int64 `json:"total"`
	Planned   int64 `json:"planned"`
	Deferred  int64 `json:"deferred"` // right, but they start too soon
	Invalid   int64 `json:"invalid"`
	Scheduled int64 `json:"scheduled,omitempty"` // left out, because they are scheduled already
	Customers int64 `json:"customers"`           // of the whole file

	// The earliest and the latest start of the planned rows, and the latest of the deferred ones; zero without any.
	FirstStart   time.Time `json:"first_start,omitzero"`
	LastStart    time.Time `json:"last_start,omitzero"`
	LastDeferred time.Time `json:"last_deferred,omitzero"`
}

// Sum adds up charges of one currency, in minor units. What the invoices come to and what is collected of them are two
// figures: a customer's balance lies between them.
type Sum struct {
	Charges     int64 `json:"charges"`    // whose total and amount due are known; an opening invoice over 0 is none
	Total       int64 `json:"total"`      // of those
	AmountDue   int64 `json:"amount_due"` // what is collected of those
	Discount    int64 `json:"discount,omitempty"`
	Tax         int64 `json:"tax,omitempty"`          // added
	TaxIncluded int64 `json:"tax_included,omitempty"` // contained
	PlusTax     int64 `json:"plus_tax,omitempty"`     // charges of which only the tax is not known
	BeforeTax   int64 `json:"before_tax,omitempty"`   // what those come to without it
	Assumed     int64 `json:"assumed,omitempty"`      // of Charges, those that rest on assumptions (Plan.Assumptions)
	Unknown     int64 `json:"unknown,omitempty"`      // charges of which more than the tax, or the amount due, is not known
}

// Total is what the listed charges of one currency come to.
type Total struct {
	Currency string `json:"currency"`
	Opening  Sum    `json:"opening,omitzero"` // one-off items at the start of free time
	First    Sum    `json:"first,omitzero"`   // the first charge of each row, and the usage of one that ends
	Renewals Sum    `json:"renewals,omitzero"`
	All      Sum    `json:"all"`
}

// Day is what is charged on one day in one currency.
type Day struct {
	Date     string `json:"date"` // 2027-03-11, in UTC
	Currency string `json:"currency"`
	Sum
}

// Recurring is the monthly recurring revenue in one currency: what the rows earn for good (forecast.Recurring), without
// tax. Monthly is the sum over Cycles, each normalised to a twelfth of a year (forecast.Monthly) and rounded once, not
// the sum of rounded rows.
type Recurring struct {
	Currency      string  `json:"currency"`
	Monthly       int64   `json:"monthly"`
	Subscriptions int64   `json:"subscriptions"`
	Assumed       int64   `json:"assumed,omitempty"` // of Subscriptions, those whose revenue rests on assumptions
	Unknown       int64   `json:"unknown"`           // subscriptions whose revenue is not known and not counted
	Cycles        []Cycle `json:"cycles,omitempty"`
}

// Cycle is the part of it that is billed at one interval.
type Cycle struct {
	Every         string `json:"every"` // 1 month, 3 months
	Subscriptions int64  `json:"subscriptions"`
	Amount        int64  `json:"amount"`  // of every cycle
	Monthly       int64  `json:"monthly"` // of every month
}

// Row is what one row becomes.
type Row struct {
	Row              int64             `json:"row"`
	Line             int64             `json:"line"`
	Customer         string            `json:"customer"`
	SourceID         string            `json:"source_id,omitempty"` // of the subscription in the system it comes from
	Strategy         schedule.Strategy `json:"strategy"`
	Start            time.Time         `json:"start"`
	Every            string            `json:"every"`         // "" when it is not known
	Ends             time.Time         `json:"ends,omitzero"` // when it ends by itself
	CollectionMethod string            `json:"collection_method"`
	DaysUntilDue     *int64            `json:"days_until_due,omitempty"`
	CustomerCoupon   string            `json:"customer_coupon,omitempty"` // of the customer's own discount, which counts for this row
	ReplacedCoupon   string            `json:"replaced_coupon,omitempty"` // of the customer's own discount, which the row's coupon replaces
	Charges          []forecast.Charge `json:"charges"`
}

package validate

import (
	"fmt"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/account"
	"github.com/subferry/subferry/validate/dates"
)

// Check is one rule at work on one row. It is valid during the call of Rule.Check only.
type Check struct {
	Row *csvspec.Row // not to be changed

	v        *Validator
	head     *headerInfo
	findings []Finding
	tally    tally
	index    int  // of the rule in v.rules
	blank    bool // the row holds nothing but separators
	unread   fields
	stated   fields
	end      firstEnd
	rules    ruleCache
	quiet    ranks  // findings of these ranks are counted only
	currency string // the last one found to be supported
	numbered string // the last one of which the number was asked, and that
	number   uint8
}

// Now returns the moment of the upload.
func (c *Check) Now() time.Time { return c.v.opts.Now }

// Account returns what is known of the account; nil when nothing is.
func (c *Check) Account() *account.Account { return c.v.opts.Account }

// Report adds a finding of the rule. The check states Column (the format's name, or "" for the whole row), Message
// and, where it has them, Fix and Suggestion; code, severity, place and value are filled in, and so is Fix from the
// rule's own when it is blank.
func (c *Check) Report(f Finding) {
	r := c.rule()
	f.Code, f.Severity, f.Deferred = r.Code, c.v.severity(r.Severity), r.Defers
	if f.Fix == "" {
		f.Fix = r.Fix
	}
	if f.Mend == "" {
		f.Mend = r.mends
	}
	if c.v.opts.Format != nil { // which the commands that mend know nothing of
		f.Mend = ""
	}
	c.locate(&f)
	if r.onlyIf != hasFault && c.damaged(f.ColumnNumber) {
		return // what the damage of a cell leads to is not a mistake of its own
	}
	if c.v.opts.Format == nil {
		c.asPlaceholder(&f)
	}
	if f.Code == codePlaceholder && Findings(c.findings).covers(f) {
		return
	}
	if !c.quiet.has(f.rank()) {
		c.describe(&f)
	}
	c.findings = append(c.findings, f)
}

// silent tells whether the texts of the rule at work will not be shown, because there are enough findings of its rank.
func (c *Check) silent() bool {
	if c.quiet == 0 {
		return false
	}
	r := c.rule()
	return c.quiet.has(rankOf(c.v.severity(r.Severity), r.Defers))
}

// words is fmt.Sprintf for the texts of a finding; it returns "" when they will not be shown.
func (c *Check) words(format string, args ...any) string {
	if c.silent() {
		return ""
	}
	return fmt.Sprintf(format, args...)
}

// hint is guess for the texts of a finding; it returns "" when they will not be shown.
func (c *Check) hint(columnName, text string) string {
	if c.silent() {
		return ""
	}
	return c.guess(columnName, text)
}

// rule returns the rule at work. An index avoids write barriers, which a pointer stored for each rule and row would
// need.
func (c *Check) rule() *Rule { return &c.v.rules[c.index] }

// damaged tells whether damage to the text of the cell has been reported.
func (c *Check) damaged(number int) bool {
	if c.Row.Source == nil || number == 0 {
		return false
	}
	for _, fault := range c.Row.Source.Faults {
		if fault.Index+1 == number && fault.Kind != csvspec.FaultSpaceBesideQuote {
			return true
		}
	}
	return false
}

// withoutSecret hides what looks like a secret key: findings are printed, stored and mailed.
func withoutSecret(text string) string {
	for _, prefix := range []string{"sk_", "rk_"} {
		if strings.HasPrefix(text, prefix) {
			return prefix + "…"
		}
	}
	return text
}

// headerName is the name under which findings speak of a column: as the format writes it, but metadata in the
// spelling of the file, because both are right.
func headerName(c csvspec.Column) string {
	if c.Field == csvspec.FieldMetadata {
		return strings.TrimSpace(c.Raw)
	}
	return c.Name
}

// supported tells whether Stripe supports the currency, which must be in lower case.
func (c *Check) supported(code string) bool {
	if code != c.currency {
		if c.v.steps[code] == 0 {
			return false
		}
		c.currency = strings.Clone(code)
	}
	return true
}

// Unreadable tells whether the row's cell in the column (named as the format does) could not be read. Its field in
// the row is then blank, which is not the same as a blank cell.
func (c *Check) Unreadable(column string) bool {
	if f := csvspec.ParseColumn(column).Field; implausible(c.Row).has(f) {
		return true
	}
	if c.Row.Source == nil {
		return false
	}
	for _, bad := range c.Row.Source.Bad {
		if bad.Index < len(c.Row.Source.Header.Columns) && c.Row.Source.Header.Columns[bad.Index].Name == column {
			return true
		}
	}
	return false
}

// lost tells whether a cell of item i could not be read.
func (c *Check) lost(f csvspec.Field, item int) bool {
	return c.unread.has(f) && c.Unreadable(f.Name(item))
}

// absent tells whether the file has no such column at all, which is said once for the file.
func (c *Check) absent(f csvspec.Field) bool { return c.head != nil && !c.head.columns.has(f) }

// wait counts a row whose check cannot be decided without the account.
func (c *Check) wait() { c.tally.waits[c.index]++ }

// text returns the raw text of the row's cell in the column, or what a program put there.
func (c *Check) text(column string) string {
	f := Finding{Column: column}
	c.locate(&f)
	if c.Row.Source == nil {
		return f.Value
	}
	return withoutSecret(strings.Clone(f.Value))
}

// unreadable returns the fields of which at least one cell of the row could not be read.
func unreadable(src *csvspec.Source) fields {
	if src == nil || len(src.Bad) == 0 {
		return 0
	}
	var set fields
	for _, bad := range src.Bad {
		if bad.Index < len(src.Header.Columns) {
			set |= setOf(src.Header.Columns[bad.Index].Field)
		}
	}
	return set
}

// implausible returns the dates of the row that cannot be meant as Unix seconds. They count as unreadable.
func implausible(r *csvspec.Row) fields {
	return oddMoment(r.StartDate, csvspec.FieldStartDate) | oddMoment(r.TrialEnd, csvspec.FieldTrialEnd) |
		oddMoment(r.BillingCycleAnchor, csvspec.FieldBillingCycleAnchor) |
		oddMoment(r.BackdateStartDate, csvspec.FieldBackdateStartDate)
}

// oddMoment returns the field if the moment cannot be meant as Unix seconds.
func oddMoment(t csvspec.Timestamp, f csvspec.Field) fields {
	return bit(!t.IsBlank() && !dates.Plausible(t), f)
}

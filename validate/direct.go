package validate

import (
	"fmt"

	"github.com/subferry/subferry/csvspec"
)

// Direct says which rows become direct subscriptions, which are created when the migration runs and exist from then on,
// instead of subscription schedules. Package schedule has the table of the rows for which that is possible.
type Direct int

// The modes.
const (
	DirectNever  Direct = iota // every row becomes a schedule
	DirectExact                // every row that a direct subscription expresses more exactly than a schedule
	DirectNeeded               // only rows that no schedule expresses
)

// LongestTrial is the longest trial of a subscription that Stripe takes, in seconds: 730 days. A direct subscription that is
// charged on its start date is in trial until then.
const LongestTrial = 730 * 86400

// ParseDirect reads a mode as String writes it. The error lists the modes.
func ParseDirect(text string) (Direct, error) {
	for _, d := range [...]Direct{DirectExact, DirectNeeded, DirectNever} {
		if text == d.String() {
			return d, nil
		}
	}
	return DirectNever, fmt.Errorf("%q is no mode of direct subscriptions; exact (every row that they express more exactly), "+
		"needed (only rows that no schedule expresses) or never was expected", text)
}

// String returns the mode as options and files write it: exact, needed, never.
func (d Direct) String() string {
	switch d {
	case DirectExact:
		return "exact"
	case DirectNeeded:
		return "needed"
	}
	return "never"
}

// MarshalText writes the mode as String does.
func (d Direct) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a mode as ParseDirect does; blank is never, as in what was written before there were modes.
func (d *Direct) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*d = DirectNever
		return nil
	}
	*d, err = ParseDirect(string(text))
	return err
}

// directKind is the direct subscription that a row becomes.
type directKind int

const (
	notDirect directKind = iota
	directAnchored
	directProrated
	directEnding
	directBackdated
	directUnknown // only the account can tell, because it has the interval
)

// direct returns which direct subscription the row becomes. It is decided here, apart from package schedule, for rows
// with mistakes as well: what is said of them need not be right, because they become nothing.
func (c *Check) direct() directKind { return c.directIn(c.v.opts.Direct) }

// directIn is direct for a mode that may not be the one that was asked for.
func (c *Check) directIn(mode Direct) directKind {
	r := c.Row
	none, clear := c.proration()
	if mode == DirectNever || !r.TrialEnd.IsBlank() || !clear || c.begun() {
		return notDirect
	}
	prorated := !none && r.BackdateStartDate.IsBlank() && !bool(r.CancelAtPeriodEnd)
	backdated := none && !r.BackdateStartDate.IsBlank() && !bool(r.CancelAtPeriodEnd)
	exact := mode == DirectExact
	inside := r.BillingCycleAnchor > r.StartDate
	if inside {
		end := c.firstEnd()
		switch {
		case r.BillingCycleAnchor < end.from:
		case end.known() || r.BillingCycleAnchor > end.to:
			inside = false
		case prorated || exact && none:
			return directUnknown
		}
	}
	switch {
	case inside && prorated:
		return directProrated
	case !exact:
	case inside && none && bool(r.CancelAtPeriodEnd):
		return directEnding
	case inside && none:
		return directAnchored
	case backdated && !inside && c.anchorAddsNothing():
		return directBackdated
	}
	return notDirect
}

// anchorAddsNothing tells whether the row has no anchor but one on which it is billed anyway.
func (c *Check) anchorAddsNothing() bool {
	anchor := c.Row.BillingCycleAnchor
	end := c.firstEnd()
	return anchor.IsBlank() || anchor == c.Row.StartDate || end.known() && anchor == end.to
}

// directRule completes the rule that says what is different about the rows that become one kind of direct subscription.
func directRule(kind directKind, column string, r Rule, message func(*Check) string) Rule {
	r.Severity = Warning
	r.Source = "schedules: direct subscriptions; asked for by name (--direct)"
	r.When = []csvspec.Field{csvspec.FieldBillingCycleAnchor, csvspec.FieldBackdateStartDate}
	r.Reads = []csvspec.Field{csvspec.FieldStartDate, csvspec.FieldBillingCycleAnchor, csvspec.FieldTrialEnd,
		csvspec.FieldBackdateStartDate, csvspec.FieldCancelAtPeriodEnd}
	r.Check = func(c *Check) {
		switch c.direct() {
		case kind:
			c.Report(Finding{Column: column, Message: message(c)})
		case directUnknown:
			c.wait()
		}
	}
	return r
}

// directUndo is how all direct subscriptions are undone, for the rules about them.
const directUndo = "Customer portal, Dashboard and webhooks show the subscription as soon as the migration runs. " +
	"Within the cancel window, undoing the migration deletes it without a charge or a credit, as long as nothing was charged."

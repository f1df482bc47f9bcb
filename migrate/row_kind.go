package migrate

import (
	"context"
	"fmt"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
)

// made is what Stripe has of a row: the schedule, or the direct subscription, that it has become.
type made struct {
	direct       bool
	id           string // of the schedule, or of the direct subscription
	subscription string // of a schedule that has started, also when it has released it
	customer     string
	status       string            // of the schedule, or of the direct subscription
	start        csvspec.Timestamp // of a schedule; a direct subscription does not know its row's start date
	created      csvspec.Timestamp
	charges      [2]csvspec.Timestamp // of a direct subscription: the end of its trial and its anchor; blank is none
	metadata     map[string]string
	governed     bool // a subscription that belongs to a schedule, and is not a direct one
	requestID    string
	replayed     bool // a stored answer: it may have changed since
}

func madeSchedule(s ScheduleState) made {
	return made{
		id: s.ID, subscription: s.Subscription, customer: s.Customer, status: s.Status, start: s.StartDate, created: s.Created,
		metadata: s.Metadata, requestID: s.RequestID, replayed: s.Replayed,
	}
}

func madeSubscription(s SubscriptionState) made {
	return made{
		direct: true, id: s.ID, customer: s.Customer, status: s.Status, created: s.Created,
		charges:  [2]csvspec.Timestamp{s.TrialEnd, s.BillingCycleAnchor},
		metadata: s.Metadata, governed: s.Schedule != "", requestID: s.RequestID, replayed: s.Replayed,
	}
}

// gone tells whether it was canceled, by whomever.
func (m made) gone() bool {
	return m.status == StatusCanceled || m.direct && m.status == statusExpired
}

// rowKind is how Stripe is asked about one of the two things that rows become. Each method sends one request.
type rowKind interface {
	create(ctx context.Context, g Gateway, j *job) (made, error)
	read(ctx context.Context, g Gateway, id string) (made, error)

	// page returns a page of what a customer has of this kind, canceled ones included, and whether there are more.
	page(ctx context.Context, g Gateway, customer, after string) ([]made, bool, error)

	// cancel cancels it without an invoice and without proration. A direct subscription that has ended is missing then.
	cancel(ctx context.Context, g Gateway, m made, key string) error
}

// kindOf returns what a row has become, or is to become.
func kindOf(e ledger.Entry) rowKind {
	if isDirect(e) {
		return subscriptions{}
	}
	return schedules{}
}

// isDirect tells whether a row is, or is to become, a direct subscription. What exists counts: it may have been made on
// another machine, with other options.
func isDirect(e ledger.Entry) bool {
	return e.ScheduleID == "" && (e.SubscriptionID != "" || schedule.Strategy(e.Strategy).IsDirect())
}

// idOf returns the ID of what a row has become, "" as long as that is not known.
func idOf(e ledger.Entry) string {
	if e.SubscriptionID != "" {
		return e.SubscriptionID
	}
	return e.ScheduleID
}

// setID notes in the ledger's record of a row what it has become.
func setID(e *ledger.Entry, m made) {
	if e.ScheduleID, e.SubscriptionID = m.id, ""; m.direct {
		e.ScheduleID, e.SubscriptionID = "", m.id
	}
}

// schedules are subscription schedules.
type schedules struct{}

func (schedules) create(ctx context.Context, g Gateway, j *job) (made, error) {
	s, err := g.CreateSchedule(ctx, *j.row.Schedule, j.entry.Key)
	return madeSchedule(s), err
}

func (schedules) read(ctx context.Context, g Gateway, id string) (made, error) {
	s, err := g.Schedule(ctx, id)
	return madeSchedule(s), err
}

func (schedules) page(ctx context.Context, g Gateway, customer, after string) (all []made, more bool, err error) {
	page, err := g.Schedules(ctx, ScheduleFilter{Customer: customer, After: after})
	for _, s := range page.Schedules {
		all = append(all, madeSchedule(s))
	}
	return all, page.More, err
}

// cancel cancels what there is: the schedule while it governs the subscription, else the subscription.
func (schedules) cancel(ctx context.Context, g Gateway, m made, key string) error {
	if m.status == StatusReleased {
		return g.CancelSubscription(ctx, m.subscription)
	}
	_, err := g.CancelSchedule(ctx, m.id, key)
	return err
}

// subscriptions are direct subscriptions.
type subscriptions struct{}

func (subscriptions) create(ctx context.Context, g Gateway, j *job) (made, error) {
	s, err := g.CreateSubscription(ctx, *j.row.Subscription, j.entry.Key)
	return madeSubscription(s), err
}

func (subscriptions) read(ctx context.Context, g Gateway, id string) (made, error) {
	s, err := g.Subscription(ctx, id)
	return madeSubscription(s), err
}

// page shows the subscriptions of schedules, too, which carry the tags of their rows.
func (subscriptions) page(ctx context.Context, g Gateway, customer, after string) (all []made, more bool, err error) {
	page, err := g.Subscriptions(ctx, SubscriptionFilter{Customer: customer, Canceled: true, After: after})
	for _, s := range page.Subscriptions {
		all = append(all, madeSubscription(s))
	}
	return all, page.More, err
}

func (subscriptions) cancel(ctx context.Context, g Gateway, m made, _ string) error {
	return g.CancelSubscription(ctx, m.id)
}

// CodeTooLate is the error code of a row that was not sent, because its start date came too close during the run.
const CodeTooLate = "start_date_came_too_close"

// The error codes of rows that were not sent, because their billing anchor or their start date is too far away for a direct
// subscription. The review has checked both, by a clock that was set back since.
const (
	CodeAnchorFar = "billing_cycle_anchor_too_far"
	CodeStartFar  = "start_date_too_far"
)

// closest is how close to its start a row is still sent. A schedule whose start has passed when it arrives goes live
// and charges at once.
const closest = 5 * time.Minute

// unsendable returns why a row must not be sent at a moment, or nil.
func (j *job) unsendable(now time.Time) *StripeError {
	from := j.row.CreatableFrom
	switch late := now.Add(closest).After(j.entry.Start.Time()); {
	case late && j.row.Subscription != nil:
		return &StripeError{Outcome: Refused, Code: CodeTooLate, Message: fmt.Sprintf("not sent: its start date "+
			"%s came too close during the run; a direct subscription that is created after its start charges at once", j.entry.Start)}
	case late:
		return &StripeError{Outcome: Refused, Code: CodeTooLate, Message: fmt.Sprintf("not sent: its start date "+
			"%s came too close during the run; a schedule that arrives after its start charges at once", j.entry.Start)}
	case from.IsBlank() || !now.Before(from.Time()):
		return nil
	case !j.row.Subscription.TrialEnd.IsBlank():
		return &StripeError{Outcome: Refused, Code: CodeStartFar, Message: fmt.Sprintf("not sent: its start date %s is more than "+
			"730 days away, and Stripe takes no longer trial; it can be created from %s on", j.entry.Start, from)}
	default:
		return &StripeError{Outcome: Refused, Code: CodeAnchorFar, Message: fmt.Sprintf("not sent: its billing anchor %s is "+
			"a whole billing period or more away, which a direct subscription would be charged for at once; it can be created from %s on",
			j.row.Subscription.BillingCycleAnchor, from)}
	}
}

package migrate

import (
	"context"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate/account"
)

// Gateway is all that a migration asks of Stripe. Package gateway implements it with stripe-go; tests may do so
// with anything.
//
// Every method that fails because Stripe said no, or because its answer did not arrive, returns a *StripeError.
// A method sends at most one request for each page or object: retries are the caller's business, because only the
// caller knows what the ledger says.
type Gateway interface {
	// Account returns whose key is being used.
	Account(ctx context.Context) (Account, error)

	// CreateSchedule asks for one schedule under an idempotency key.
	CreateSchedule(ctx context.Context, s schedule.Schedule, key string) (ScheduleState, error)

	// Schedule returns a schedule as it is now.
	Schedule(ctx context.Context, id string) (ScheduleState, error)

	// Schedules returns one page of at most 100 schedules that match the filter, newest first. It is one request,
	// so that a caller can pace and repeat each page by itself.
	Schedules(ctx context.Context, f ScheduleFilter) (SchedulePage, error)

	// CancelSchedule cancels a schedule without an invoice and without proration, under an idempotency key.
	CancelSchedule(ctx context.Context, id, key string) (ScheduleState, error)

	// ReleaseSchedule releases a schedule under an idempotency key: its subscription goes on by itself.
	ReleaseSchedule(ctx context.Context, id, key string) (ScheduleState, error)

	// CreateSubscription asks for one direct subscription under an idempotency key.
	CreateSubscription(ctx context.Context, s schedule.Subscription, key string) (SubscriptionState, error)

	// Subscription returns a subscription as it is now.
	Subscription(ctx context.Context, id string) (SubscriptionState, error)

	// Subscriptions returns one page of at most 100 subscriptions that match the filter, newest first. It is one request.
	Subscriptions(ctx context.Context, f SubscriptionFilter) (SubscriptionPage, error)

	// ListsHide tells whether Schedules and Subscriptions may leave some out when their filter names no customer. It is
	// one request at most.
	ListsHide(ctx context.Context) (bool, error)

	// CancelSubscription ends a live subscription at once without an invoice and without proration.
	CancelSubscription(ctx context.Context, id string) error

	// Invoices returns one page of at most 100 invoices that match the filter, newest first. It is one request.
	Invoices(ctx context.Context, f InvoiceFilter) (InvoicePage, error)

	// Customers returns one page of at most 100 customers, newest first: those after an ID, the last one of the page before.
	// It is one request, and a second one where the key may not see cards or subscriptions.
	Customers(ctx context.Context, after string) (CustomerPage, error)

	// AccountData looks up the objects with these IDs, each once, and returns what it found. An ID that the account
	// lacks is absent from the result, which is not an error.
	AccountData(ctx context.Context, ids ObjectIDs) (account.Account, error)
}

// CustomerPage is one page of a list.
type CustomerPage struct {
	Customers []account.Customer
	More      bool // there is another page, after the last customer of this one
}

// Account is whose Stripe account it is.
type Account struct {
	ID       string `json:"id"`
	Livemode bool   `json:"livemode"`
}

// String names the account and its mode.
func (a Account) String() string {
	if a.Livemode {
		return a.ID + " (live mode)"
	}
	return a.ID + " (test mode)"
}

// ScheduleFilter says which schedules to list; the zero value lists all.
type ScheduleFilter struct {
	Customer   string // only this customer's
	NotStarted bool   // only those that have not started yet
	After      string // only those after this ID: the last one of the page before
}

// SchedulePage is one page of a list.
type SchedulePage struct {
	Schedules []ScheduleState
	More      bool // there is another page, after the last schedule of this one
}

// SubscriptionFilter says which subscriptions to list; the zero value lists all that are not canceled.
type SubscriptionFilter struct {
	Customer string // only this customer's
	Canceled bool   // the canceled ones as well
	After    string // only those after this ID: the last one of the page before
}

// SubscriptionPage is one page of a list.
type SubscriptionPage struct {
	Subscriptions []SubscriptionState
	More          bool // there is another page, after the last subscription of this one
}

// SubscriptionState is a subscription as Stripe has it.
type SubscriptionState struct {
	ID                 string
	Customer           string
	Status             string // active, trialing, past_due and so on
	Schedule           string // that governs it; "" is none
	StartDate          csvspec.Timestamp
	TrialEnd           csvspec.Timestamp // blank when it never was in trial
	BillingCycleAnchor csvspec.Timestamp
	Created            csvspec.Timestamp
	Metadata           map[string]string
	RequestID          string // of the request that told us
	Replayed           bool   // Stripe repeated an answer that it had given before: it may have changed since
}

// InvoiceFilter says which invoices to list.
type InvoiceFilter struct {
	Subscription string // only this subscription's
	After        string // only those after this ID: the last one of the page before
}

// InvoicePage is one page of a list.
type InvoicePage struct {
	Invoices []InvoiceState
	More     bool // there is another page, after the last invoice of this one
}

// InvoiceState is what there is to know of an invoice before its subscription is canceled.
type InvoiceState struct {
	ID       string `json:"id"`
	Status   string `json:"status"` // draft, open, paid, void, uncollectible
	Total    int64  `json:"total"`  // in minor units of Currency; less than 0 for a credit
	Currency string `json:"currency"`

	// What is collected of it, in minor units likewise. A debt on the customer's balance makes it more than Total, also
	// when that is 0, and a credit makes it less.
	AmountDue  int64 `json:"amount_due"`
	AmountPaid int64 `json:"amount_paid"`
}

// ObjectIDs names the objects that a file speaks of, without duplicates. Customers are looked up only when named.
type ObjectIDs struct {
	Prices, Products, Coupons, TaxRates, Customers []string
}

// ScheduleState is a schedule as Stripe has it.
type ScheduleState struct {
	ID           string
	Customer     string
	Status       string // StatusNotStarted and so on
	EndBehavior  string // EndRelease or EndCancel
	LaterPhases  bool   // another phase follows the current one
	Subscription string // "" until it has started
	StartDate    csvspec.Timestamp
	Created      csvspec.Timestamp
	Metadata     map[string]string
	RequestID    string // of the request that told us
	Replayed     bool   // Stripe repeated an answer that it had given before: the schedule may have changed since
}

// The statuses of a schedule.
const (
	StatusNotStarted = "not_started"
	StatusActive     = "active"
	StatusCompleted  = "completed"
	StatusReleased   = "released"
	StatusCanceled   = "canceled"
)

// statusExpired is the status of a subscription whose first payment never came, and which has ended because of that.
const statusExpired = "incomplete_expired"

package ledger

import "slices"

// PaymentState is what became of a row's first invoice: the first one that is not over nothing.
type PaymentState string

// The states of a first invoice.
const (
	PaymentUnseen        PaymentState = ""                       // nobody has looked
	PaymentNotLive       PaymentState = "not_live"               // the row's schedule has not started
	PaymentNone          PaymentState = "none_yet"               // live, and nothing was charged yet
	PaymentDraft         PaymentState = "draft"                  // made, and not final
	PaymentOpen          PaymentState = "open"                   // waits to be paid, in time
	PaymentPastDue       PaymentState = "past_due"               // its due date has passed; or not collected for another reason
	PaymentFailed        PaymentState = "failed"                 // declined, and still to be paid
	PaymentMissing       PaymentState = "missing_payment_method" // nothing to charge it with
	PaymentPaid          PaymentState = "paid"
	PaymentUncollectible PaymentState = "uncollectible" // written off; it may still be paid
	PaymentVoid          PaymentState = "void"
	PaymentGone          PaymentState = "gone" // what the row has become was canceled before an invoice, or never created
)

// PaymentStates returns all states in which a first invoice was seen: first those with which something is to be done.
func PaymentStates() []PaymentState {
	return []PaymentState{
		PaymentFailed, PaymentMissing, PaymentPastDue, PaymentUncollectible, PaymentVoid, PaymentGone, PaymentOpen, PaymentDraft,
		PaymentNone, PaymentNotLive, PaymentPaid,
	}
}

// paymentTransitions is every step that a first invoice may take, beside staying as it is. A draft may be deleted; what is
// paid or void stays that.
var paymentTransitions = map[PaymentState][]PaymentState{
	PaymentUnseen:        PaymentStates(),
	PaymentNotLive:       PaymentStates(),
	PaymentNone:          {PaymentDraft, PaymentOpen, PaymentPastDue, PaymentFailed, PaymentMissing, PaymentPaid, PaymentUncollectible, PaymentVoid, PaymentGone},
	PaymentDraft:         {PaymentNone, PaymentOpen, PaymentPastDue, PaymentFailed, PaymentMissing, PaymentPaid, PaymentUncollectible, PaymentVoid, PaymentGone},
	PaymentOpen:          {PaymentPastDue, PaymentFailed, PaymentMissing, PaymentPaid, PaymentUncollectible, PaymentVoid},
	PaymentPastDue:       {PaymentOpen, PaymentFailed, PaymentMissing, PaymentPaid, PaymentUncollectible, PaymentVoid},
	PaymentFailed:        {PaymentOpen, PaymentPastDue, PaymentMissing, PaymentPaid, PaymentUncollectible, PaymentVoid},
	PaymentMissing:       {PaymentOpen, PaymentPastDue, PaymentFailed, PaymentPaid, PaymentUncollectible, PaymentVoid},
	PaymentUncollectible: {PaymentPaid, PaymentVoid},
}

// LegalPayment tells whether a first invoice may go from one state to the other.
func LegalPayment(from, to PaymentState) bool {
	return from == to && to != PaymentUnseen || slices.Contains(paymentTransitions[from], to)
}

// Problem tells whether somebody has to look at it.
func (s PaymentState) Problem() bool {
	switch s {
	case PaymentFailed, PaymentMissing, PaymentPastDue, PaymentUncollectible, PaymentVoid, PaymentGone:
		return true
	}
	return false
}

// Settled tells whether it stays as it is unless somebody does something.
func (s PaymentState) Settled() bool {
	return s == PaymentPaid || s == PaymentUncollectible || s == PaymentVoid || s == PaymentGone
}

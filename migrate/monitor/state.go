package monitor

import (
	"fmt"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
	"github.com/subferry/subferry/migrate/internal/standing"
	"github.com/subferry/subferry/migrate/ledger"
)

// State is what became of a row's first invoice: the first one that is not over nothing. The ledger keeps it.
type State = ledger.PaymentState

// The states.
const (
	Paid          = ledger.PaymentPaid
	Failed        = ledger.PaymentFailed
	MissingMethod = ledger.PaymentMissing
	PastDue       = ledger.PaymentPastDue
	Uncollectible = ledger.PaymentUncollectible
	Void          = ledger.PaymentVoid
	Open          = ledger.PaymentOpen
	Draft         = ledger.PaymentDraft
	NoneYet       = ledger.PaymentNone
	NotLive       = ledger.PaymentNotLive
	Gone          = ledger.PaymentGone
)

// States returns all states: first those with which something is to be done.
func States() []State { return ledger.PaymentStates() }

// hardDecline knows the decline codes after which Stripe does not try the same card again (docs.stripe.com, Smart Retries),
// with what the customer has to do.
func hardDecline(code string) (advice string, hard bool) {
	switch code {
	case "incorrect_number", "invalid_number", "lost_card", "stolen_card", "pickup_card", "restricted_card", "expired_card",
		"invalid_account", "card_not_supported", "new_account_information_available":
		return "the customer has to give another card", true
	case "revocation_of_authorization", "revocation_of_all_authorizations", "stop_payment_order":
		return "the customer has withdrawn the permission to charge: ask before charging again", true
	case "authentication_required":
		return "the customer has to approve the payment (3D Secure): send the link of the invoice", true
	case "transaction_not_allowed", "highest_risk_level", "fraudulent", "merchant_blacklist":
		return "the bank, or Stripe's fraud protection, does not let it through: ask for another way to pay", true
	}
	return "", false
}

// invoice is what is looked at of an invoice.
type invoice struct {
	ID               string            `json:"id"`
	Customer         standing.Ref      `json:"customer"`
	Subscription     standing.Ref      `json:"subscription"`
	Status           string            `json:"status"`
	Total            int64             `json:"total"`
	Due              int64             `json:"amount_due"`
	Remaining        int64             `json:"amount_remaining"`
	Currency         string            `json:"currency"`
	Created          csvspec.Timestamp `json:"created"`
	DueDate          csvspec.Timestamp `json:"due_date"`
	NextAttempt      csvspec.Timestamp `json:"next_payment_attempt"`
	Attempted        bool              `json:"attempted"`
	Attempts         int64             `json:"attempt_count"`
	CollectionMethod string            `json:"collection_method"`
	PaymentMethod    standing.Ref      `json:"default_payment_method"`
	Intent           *intent           `json:"payment_intent"`
}

func (i *invoice) id() string { return i.ID }

// intent is the payment of an invoice, which may not be expanded.
type intent struct {
	Status string `json:"status"`
	Error  *struct {
		Code        string `json:"code"`
		DeclineCode string `json:"decline_code"`
		Message     string `json:"message"`
	} `json:"last_payment_error"`
}

// judge says what became of a row's first invoice. pays tells whether the customer has something to be charged with.
func judge(r *standing.Row, i *invoice, pays bool, now csvspec.Timestamp) (l Line) {
	l = Line{Row: r.Row, Line: r.Line, Customer: r.Customer, SourceID: r.SourceID, ScheduleID: r.ScheduleID, SubscriptionID: r.SubscriptionID}
	if r.Live != nil {
		l.SubscriptionID = r.Live.ID
	}
	say := func(s State, format string, args ...any) Line {
		l.State, l.Sentence = s, fmt.Sprintf(format, args...)
		return l
	}
	if i == nil {
		switch {
		case r.EndedAsAsked():
			return say(NoneYet, "It has ended as the row says, without a charge.")
		case !r.Exists():
			return say(Gone, "Nothing of this row is left in the account that could charge: it was canceled, or never created.")
		case r.Live == nil:
			return say(NotLive, "It starts on %s.", words.Minute(r.Start))
		case r.Idle():
			return say(PastDue, "It is live, and does not charge (%s): look at the subscription.", r.Live.Status)
		case r.EndsUnasked():
			return say(Gone, "It is live, and will not charge: it ends on %s, and not because the row says so.", words.Minute(r.Live.EndOf()))
		case r.Live.Next().IsBlank():
			return say(NoneYet, "It is live, and will not charge: it ends on %s, as the row says.", words.Minute(max(r.Live.CancelAt, r.Live.PeriodEnd())))
		}
		return say(NoneYet, "It is live, and charges on %s for the first time.", words.Minute(r.Live.Next()))
	}
	l.InvoiceID, l.Amount, l.Currency, l.Created = i.ID, i.Total, i.Currency, i.Created.String()
	l.DueDate, l.NextAttempt, l.Attempts = i.DueDate.String(), i.NextAttempt.String(), i.Attempts
	amount := csvspec.Money{Minor: i.Remaining, Currency: i.Currency}.String()
	switch i.Status {
	case "paid":
		return say(Paid, "Paid.")
	case "void":
		return say(Void, "The invoice was made void: nobody pays it.")
	case "uncollectible":
		return say(Uncollectible, "The invoice was written off (%s): the customer has the service for nothing.", amount)
	case "draft":
		return say(Draft, "The invoice is a draft, which is charged or sent about an hour after it was made.")
	}
	if i.CollectionMethod == "send_invoice" {
		if !i.DueDate.IsBlank() && i.DueDate < now {
			return say(PastDue, "%s were to be paid by %s: remind the customer.", amount, words.Minute(i.DueDate))
		}
		return say(Open, "%s were sent to be paid by %s.", amount, words.Minute(i.DueDate))
	}
	if failure := i.failure(); failure != "" {
		return declined(l, i, failure, amount)
	}
	switch {
	case i.Attempted && !pays:
		return say(MissingMethod, "%s could not be charged: the customer has no payment method. Ask for one.", amount)
	case i.Attempted:
		return say(PastDue, "%s were not paid, and Stripe does not say why: look at the invoice.", amount)
	}
	return say(Open, "%s wait to be charged.", amount)
}

// failure is the code with which the payment of an invoice failed; "" when it has not.
func (i *invoice) failure() string {
	switch {
	case i.Intent == nil:
		return ""
	case i.Intent.Status == "requires_action":
		return "authentication_required"
	case i.Intent.Error == nil:
		return ""
	case i.Intent.Error.DeclineCode != "":
		return i.Intent.Error.DeclineCode
	}
	return i.Intent.Error.Code
}

// declined says what to do about a payment that failed.
func declined(l Line, i *invoice, code, amount string) Line {
	advice, hard := hardDecline(code)
	again := !hard
	l.State, l.DeclineCode, l.Retryable = Failed, code, &again
	if i.Intent.Error != nil {
		l.Message = i.Intent.Error.Message
	}
	switch {
	case hard:
		l.Sentence = fmt.Sprintf("%s were declined (%s), and trying again does not help: %s.", amount, code, advice)
	case i.NextAttempt.IsBlank():
		l.Sentence = fmt.Sprintf("%s were declined (%s). It may work later, and Stripe does not try again by itself: charge it again, or ask the customer.", amount, code)
	default:
		l.Sentence = fmt.Sprintf("%s were declined (%s). It may work later: Stripe tries again on %s.", amount, code, words.Minute(i.NextAttempt))
	}
	return l
}

package toolkit

import (
	"slices"
	"strings"
)

// customerStates are about the customer and how it pays.
var customerStates = []State{
	immovable("customer_deleted", "Its customer is deleted, and deleted customers are not copied to another account.", func(l *looked) bool { return l.Customer.Deleted }),
	immovable("customer_missing", "It names no customer.", func(l *looked) bool { return l.Customer.ID == "" }),
	immovable("customer_not_copied", "Its customer is not in the file of copied customers, so the destination account does not have it: copy the customer, and export again with the new file.",
		func(l *looked) bool { return l.copied.Given() && l.copied.Get(l.Customer.ID) == "" }),
	decide("payment_method_left_behind", "It is paid by a method that a copy to another account leaves behind (Bacs, ACSS, or SEPA as a source): the customer has to give it again before the new one begins.",
		"the customer gives a payment method again in time", func(l *looked) bool {
			m := l.method()
			return l.charged() && !m.empty() && (slices.Contains([]string{"bacs_debit", "acss_debit"}, m.Type) || m.sepaSource()) && l.arrived() == ""
		}),
	decide("payment_method_not_copied", "The file of copied customers has its customer without the payment method that is charged: the first charge would fail.",
		"the customer gives a payment method in time", func(l *looked) bool {
			m := l.method()
			known := !m.empty() && !slices.Contains([]string{"bacs_debit", "acss_debit"}, m.Type) && !m.sepaSource() && l.arrived() == ""
			blind := m.empty() && !l.Customer.Expanded && l.copied.Methods(l.Customer.ID) == 0
			return l.charged() && l.copied.Given() && (known || blind)
		}),
	decide("payment_method_unlisted", "It is paid by a method that Stripe does not name among those that a copy to another account brings along (cards and US bank accounts): without a file of copied customers nobody can say.",
		"the payment method is in the destination account, or the customer gives one in time", func(l *looked) bool {
			listed := []string{"", "card", "us_bank_account", "ach_debit", "sepa_debit", "bacs_debit", "acss_debit"} // those that are not copied have a state of their own
			m := l.method()
			return l.charged() && !l.copied.Given() && !m.empty() && !slices.Contains(listed, m.Type)
		}),
	decide("payment_method_missing", "It is charged automatically, and neither it nor its customer has a payment method: its first charge would fail.",
		"the customer gives a payment method in time", func(l *looked) bool {
			return l.charged() && l.Customer.Expanded && !l.Customer.Deleted && l.method().empty()
		}),
	decide("payment_method_of_its_own", "It is charged to a payment method of its own and not to the customer's default, which is all that the format knows: the new one would charge the default.",
		"charge the customer's default payment method", func(l *looked) bool {
			own, common := l.methods()
			return l.charged() && !own.empty() && l.Customer.Expanded && (common.empty() || common.ID != own.ID)
		}),
}

func (l *looked) charged() bool { return l.Collection != "send_invoice" }

// methods returns the subscription's own payment method, and its customer's.
func (l *looked) methods() (own, common *ref) {
	own, common = &l.DefaultMethod, l.Customer.Default
	if own.empty() {
		own = &l.DefaultSource
	}
	if common.empty() {
		common = l.Customer.Source
	}
	return own, common
}

// method returns what is charged.
func (l *looked) method() *ref {
	own, common := l.methods()
	if own.empty() {
		return common
	}
	return own
}

// arrived returns the ID that what is charged has in the destination account, "" when it is not there or nothing is
// known of it.
func (l *looked) arrived() string { return l.copied.Method(l.Customer.ID, l.method().ID) }

// sepaSource tells whether this is SEPA in the older shape, of a source.
func (r *ref) sepaSource() bool {
	return r.Type == "sepa_debit" && (r.Object == "source" || strings.HasPrefix(r.ID, "src_"))
}

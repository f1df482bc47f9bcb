package export

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Changes says how an incremental run learns of objects that have changed or are gone.
type Changes string

// The ways.
const (
	ByEvents Changes = "by_events" // the account's events name them, for 30 days
	Never    Changes = "never"     // they do not change
	Reread   Changes = "reread"    // no event tells of every change: all are read again
)

// Kind is a kind of object that can be exported.
type Kind struct {
	Name       string     // as the command line and the file have it
	Path       string     // of the list, or of the one object when Single
	Single     bool       // there is one object and no list
	Params     url.Values // that the list needs to be complete
	Time       string     // the field that created filters by
	Object     string     // value of the field object
	Changes    Changes
	Permission string // of a restricted key, as the Dashboard names it
}

// Kinds returns the kinds in alphabetical order.
func Kinds() []Kind {
	list := func(name, object string, changes Changes, permission string) Kind {
		return Kind{Name: name, Path: "/v1/" + name, Time: "created", Object: object, Changes: changes, Permission: permission}
	}
	account := Kind{Name: "account", Path: "/v1/account", Single: true, Object: "account", Changes: Reread, Permission: "Account: Read"}
	items := list("invoiceitems", "invoiceitem", Reread, "Invoices: Read") // no event tells that one was put on an invoice
	items.Time = "date"
	subscriptions := list("subscriptions", "subscription", ByEvents, "Subscriptions: Read")
	subscriptions.Params = url.Values{"status": {"all"}} // otherwise the canceled ones are missing
	return []Kind{
		account,
		list("application_fees", "application_fee", ByEvents, "Application fees: Read"),
		list("balance_transactions", "balance_transaction", Reread, "Balance: Read"), // pending ones become available without an event
		list("charges", "charge", ByEvents, "Charges: Read"),
		list("coupons", "coupon", Reread, "Coupons: Read"), // no event tells that one was redeemed
		list("customers", "customer", ByEvents, "Customers: Read"),
		list("disputes", "dispute", ByEvents, "Disputes: Read"),
		list("events", "event", Never, "Events: Read"),
		list("files", "file", Reread, "Files: Read"),
		items,
		list("invoices", "invoice", ByEvents, "Invoices: Read"),
		list("plans", "plan", ByEvents, "Plans: Read"),
		list("prices", "price", ByEvents, "Prices: Read"),
		list("products", "product", ByEvents, "Products: Read"),
		list("refunds", "refund", ByEvents, "Charges and refunds: Read"),
		subscriptions,
		list("transfers", "transfer", ByEvents, "Transfers: Read"),
	}
}

// KindNames returns the names of all kinds.
func KindNames() []string {
	var names []string
	for _, k := range Kinds() {
		names = append(names, k.Name)
	}
	return names
}

// ErrOrders tells that orders cannot be exported.
var ErrOrders = fmt.Errorf("orders are gone from Stripe's API: it has no list of them any more, in any version that is still supported. " +
	"What was paid for an order is among charges, invoices and balance_transactions")

// UnknownKindError is a kind that does not exist.
type UnknownKindError struct{ Name string }

// Error names the kinds that exist.
func (e *UnknownKindError) Error() string {
	return fmt.Sprintf("there is no kind %q: expected all, or any of %s", e.Name, strings.Join(KindNames(), ", "))
}

// ParseKinds returns the kinds with these names, each once; "all" stands for every one. The error is ErrOrders or an
// *UnknownKindError.
func ParseKinds(names []string) ([]Kind, error) {
	var chosen []Kind
	for _, name := range names {
		known := Kinds()
		switch i := slices.IndexFunc(known, func(k Kind) bool { return k.Name == name }); {
		case name == "all":
			return known, nil
		case name == "orders":
			return nil, ErrOrders
		case i < 0:
			return nil, &UnknownKindError{name}
		case !slices.ContainsFunc(chosen, func(k Kind) bool { return k.Name == name }):
			chosen = append(chosen, known[i])
		}
	}
	return chosen, nil
}

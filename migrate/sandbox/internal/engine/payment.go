package engine

import (
	"strings"

	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// TestCard is one of Stripe's test cards.
type TestCard struct {
	Token  string // as pm_card_…, and tok_… without the middle
	Number string
	brand  string
	// declined is the decline code of a card that cannot even be attached.
	Declined string
}

// failingCard can be attached and then cannot be charged.
const failingCard = "4000000000000341"

// TestCards are the cards the sandbox knows.
func TestCards() []TestCard {
	return []TestCard{
		{"visa", "4242424242424242", "visa", ""},
		{"visa_debit", "4000056655665556", "visa", ""},
		{"mastercard", "5555555555554444", "mastercard", ""},
		{"amex", "378282246310005", "amex", ""},
		{"chargeCustomerFail", failingCard, "visa", ""},
		{"chargeDeclined", "4000000000000002", "visa", "generic_decline"},
		{"chargeDeclinedInsufficientFunds", "4000000000009995", "visa", "insufficient_funds"},
		{"visa_chargeDeclined", "4000000000000002", "visa", "generic_decline"},
		{"visa_chargeDeclinedInsufficientFunds", "4000000000009995", "visa", "insufficient_funds"},
		{"chargeDeclinedExpiredCard", "4000000000000069", "visa", "expired_card"},
	}
}

// CardByToken finds a card by pm_card_… or tok_….
func CardByToken(token string) (TestCard, bool) {
	name, isMethod := strings.CutPrefix(token, "pm_card_")
	if !isMethod {
		name, isMethod = strings.CutPrefix(token, "tok_")
	}
	for _, one := range TestCards() {
		if isMethod && one.Token == name {
			return one, true
		}
	}
	return TestCard{}, false
}

// LooksLikeTestCard tells whether an ID is spelled as Stripe spells its test cards, pm_card_chargeCustomerFail: in
// lower case up to the second word.
func LooksLikeTestCard(id string) bool {
	name, isMethod := strings.CutPrefix(id, "pm_card_")
	if !isMethod {
		name, isMethod = strings.CutPrefix(id, "tok_")
	}
	return isMethod && name != "" && name[0] >= 'a' && name[0] <= 'z'
}

// CardByNumber finds a card by its number.
func CardByNumber(number string) (TestCard, bool) {
	for _, one := range TestCards() {
		if one.Number == number {
			return one, true
		}
	}
	return TestCard{}, false
}

// Method makes a payment method of a test card.
func (c TestCard) Method(id string, now int64) *object.PaymentMethod {
	return &object.PaymentMethod{
		ID:      id,
		Object:  "payment_method",
		Created: now,
		Type:    "card",
		Card: object.Card{
			Brand:             c.brand,
			Country:           "US",
			DisplayBrand:      object.Text(c.brand),
			ExpMonth:          12,
			ExpYear:           2099, // it outlives what is rehearsed; a card that is created may state another year
			Fingerprint:       object.Text(object.InvoicePrefix(c.Number) + object.InvoicePrefix(c.brand)),
			Funding:           "credit",
			Last4:             c.Number[len(c.Number)-4:],
			Networks:          object.CardNetworks{Available: object.Array[string]{c.brand}},
			ThreeDSecureUsage: object.ThreeDSecure{Supported: true},
		},
	}
}

// PaymentMethod finds a payment method. A provisioned customer's card exists without being stored: it would double the
// size of a large account.
func PaymentMethod(t *store.Tx, id string) *object.PaymentMethod {
	if o := t.Methods.Get(id); o != nil {
		return o
	}
	owner, ok := strings.CutPrefix(id, "pm_")
	if !ok {
		return nil
	}
	customer := t.Customers.Get(owner)
	if customer == nil || string(customer.InvoiceSettings.DefaultPaymentMethod) != id {
		return nil
	}
	o := TestCards()[0].Method(id, customer.Created)
	o.Customer = object.Text(customer.ID)
	return o
}

// attachedMethod is a payment method that the customer has; nil when it has been detached since it was chosen.
func attachedMethod(t *store.Tx, id object.Text, customer *object.Customer) *object.PaymentMethod {
	if o := PaymentMethod(t, string(id)); o != nil && o.Customer == object.Text(customer.ID) {
		return o
	}
	return nil
}

package sandbox

import (
	"strings"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// testCard is one of Stripe's test cards.
type testCard struct {
	token  string // as pm_card_…, and tok_… without the middle
	number string
	brand  string
	// declined is the decline code of a card that cannot even be attached.
	declined string
}

// failingCard can be attached and then cannot be charged.
const failingCard = "4000000000000341"

// testCards are the cards the sandbox knows.
func testCards() []testCard {
	return []testCard{
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

// cardByToken finds a card by pm_card_… or tok_….
func cardByToken(token string) (testCard, bool) {
	name, isMethod := strings.CutPrefix(token, "pm_card_")
	if !isMethod {
		name, isMethod = strings.CutPrefix(token, "tok_")
	}
	for _, one := range testCards() {
		if isMethod && one.token == name {
			return one, true
		}
	}
	return testCard{}, false
}

// looksLikeTestCard tells whether an ID is spelled as Stripe spells its test
// cards, pm_card_chargeCustomerFail: in lower case up to the second word.
func looksLikeTestCard(id string) bool {
	name, isMethod := strings.CutPrefix(id, "pm_card_")
	if !isMethod {
		name, isMethod = strings.CutPrefix(id, "tok_")
	}
	return isMethod && name != "" && name[0] >= 'a' && name[0] <= 'z'
}

func cardByNumber(number string) (testCard, bool) {
	for _, one := range testCards() {
		if one.number == number {
			return one, true
		}
	}
	return testCard{}, false
}

// method makes a payment method of a test card.
func (c testCard) method(id string, now int64) *object.PaymentMethod {
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
			ExpYear:           2034,
			Fingerprint:       object.Text(invoicePrefix(c.number) + invoicePrefix(c.brand)),
			Funding:           "credit",
			Last4:             c.number[len(c.number)-4:],
			Networks:          object.CardNetworks{Available: object.Array[string]{c.brand}},
			ThreeDSecureUsage: object.ThreeDSecure{Supported: true},
		},
	}
}

// failsToCharge tells whether a charge to the card is declined.
func failsToCharge(o *object.PaymentMethod) bool {
	return o.Card.Last4 == failingCard[len(failingCard)-4:]
}

// attachable refuses a card that declines being attached.
func attachable(last4 string) error {
	for _, one := range testCards() {
		if one.declined != "" && strings.HasSuffix(one.number, last4) {
			return apierr.Declined(one.declined, "Your card was declined.")
		}
	}
	return nil
}

package object

// PaymentMethod is a card; the sandbox knows no other type.
type PaymentMethod struct {
	ID             string         `json:"id"`
	Object         string         `json:"object"`
	BillingDetails BillingDetails `json:"billing_details"`
	Card           Card           `json:"card"`
	Created        int64          `json:"created"`
	Customer       Text           `json:"customer"`
	Livemode       bool           `json:"livemode"`
	Metadata       Metadata       `json:"metadata"`
	Type           string         `json:"type"`
}

// Key is the payment method's ID.
func (p *PaymentMethod) Key() string { return p.ID }

// BillingDetails belong to a payment method.
type BillingDetails struct {
	Address Address `json:"address"`
	Email   Text    `json:"email"`
	Name    Text    `json:"name"`
	Phone   Text    `json:"phone"`
}

// Card is what is known of a card.
type Card struct {
	Brand             string       `json:"brand"`
	Checks            Null         `json:"checks"`
	Country           Text         `json:"country"`
	DisplayBrand      Text         `json:"display_brand"`
	ExpMonth          int64        `json:"exp_month"`
	ExpYear           int64        `json:"exp_year"`
	Fingerprint       Text         `json:"fingerprint"`
	Funding           string       `json:"funding"`
	GeneratedFrom     Null         `json:"generated_from"`
	Last4             string       `json:"last4"`
	Networks          CardNetworks `json:"networks"`
	ThreeDSecureUsage ThreeDSecure `json:"three_d_secure_usage"`
	Wallet            Null         `json:"wallet"`
}

// CardNetworks are the networks a card can be run on.
type CardNetworks struct {
	Available Array[string] `json:"available"`
	Preferred Null          `json:"preferred"`
}

// ThreeDSecure tells whether a card supports 3D Secure.
type ThreeDSecure struct {
	Supported bool `json:"supported"`
}

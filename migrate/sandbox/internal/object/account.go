package object

// Account is the account that owns everything.
type Account struct {
	ID               string   `json:"id"`
	Object           string   `json:"object"`
	ChargesEnabled   bool     `json:"charges_enabled"`
	Country          string   `json:"country"`
	Created          int64    `json:"created"`
	DefaultCurrency  string   `json:"default_currency"`
	DetailsSubmitted bool     `json:"details_submitted"`
	Email            Text     `json:"email"`
	Metadata         Metadata `json:"metadata"`
	PayoutsEnabled   bool     `json:"payouts_enabled"`
	Type             string   `json:"type"`
}

// TaxSettings are the settings of Stripe Tax.
type TaxSettings struct {
	Object        string      `json:"object"`
	Defaults      TaxDefaults `json:"defaults"`
	HeadOffice    Null        `json:"head_office"`
	Livemode      bool        `json:"livemode"`
	Status        string      `json:"status"`
	StatusDetails TaxStatus   `json:"status_details"`
}

// TaxDefaults hold for prices that say nothing themselves.
type TaxDefaults struct {
	TaxBehavior Text `json:"tax_behavior"`
	TaxCode     Null `json:"tax_code"`
}

// TaxStatus says what the settings lack.
type TaxStatus struct {
	Pending struct {
		MissingFields Array[string] `json:"missing_fields"`
	} `json:"pending"`
}

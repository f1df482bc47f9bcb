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

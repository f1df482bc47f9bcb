package pace

// Account is whose requests share a rate.
type Account struct {
	ID       string
	Livemode bool
	Limit    string // which of the account's limits; "" is the one of all requests that have none of their own
}

package sandbox

import (
	"maps"
)

// handlers are all endpoints the sandbox answers, by method and path.
func handlers() map[string]handler {
	all := map[string]handler{"GET /v1/account": retrieveAccount}
	for _, family := range []map[string]handler{
		customerHandlers(),
		productHandlers(),
		priceHandlers(),
		couponHandlers(),
		taxRateHandlers(),
		scheduleHandlers(),
		subscriptionHandlers(),
		paymentMethodHandlers(),
		invoiceHandlers(),
		eventHandlers(),
		testClockHandlers(),
	} {
		maps.Copy(all, family)
	}
	return all
}

func retrieveAccount(c *call) (any, error) {
	account := c.tx.state.account
	return &account, nil
}

// Package gateway asks Stripe, through stripe-go, for what a migration needs. It implements migrate.Gateway and is
// the only package that imports stripe-go.
//
//	key, err := gateway.NewKey(os.Getenv("STRIPE_API_KEY"))
//	stripe, err := gateway.New(gateway.Config{Key: key})
//	migrator, err := migrate.New(migrate.Config{Gateway: stripe, Ledger: store})
//
// One call is one HTTP request. stripe-go's own retries are off, and so are those that net/http makes for requests
// with an idempotency key, because only the caller, who keeps the ledger, knows whether a request may be sent again.
// Every failure is a *migrate.StripeError that says whether the request was refused, may be repeated, or may have
// been executed.
//
// Nothing here is global: two gateways with different keys and base URLs live side by side in one process.
package gateway

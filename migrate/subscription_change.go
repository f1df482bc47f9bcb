package migrate

import "github.com/subferry/subferry/csvspec"

// SubscriptionChange is what is changed of a subscription that exists, so that it stops, or goes on. A nil field is left as
// it is.
type SubscriptionChange struct {
	CancelAtPeriodEnd *bool
	CancelAt          *csvspec.Timestamp // blank: no end
	Pause             *string            // what becomes of its invoices: void and so on; "" collects again
	Metadata          map[string]string  // set these keys; "" removes one
}

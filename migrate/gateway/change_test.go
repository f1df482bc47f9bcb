package gateway_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
)

// TestChangeSubscription: what stops a subscription, and what lets it go on, as it stands on the wire; Stripe's own
// description knows each parameter.
func TestChangeSubscription(t *testing.T) {
	yes, no, void, collect := true, false, "void", ""
	at, never := csvspec.Timestamp(1800000000), csvspec.Timestamp(0)
	for name, c := range map[string]struct {
		change migrate.SubscriptionChange
		want   map[string][]string
	}{
		"at the period's end": {migrate.SubscriptionChange{CancelAtPeriodEnd: &yes, Metadata: map[string]string{"mark": "m/1"}},
			map[string][]string{"cancel_at_period_end": {"true"}, "metadata[mark]": {"m/1"}}},
		"not any more":   {migrate.SubscriptionChange{CancelAtPeriodEnd: &no, Metadata: map[string]string{"mark": ""}}, map[string][]string{"cancel_at_period_end": {"false"}, "metadata[mark]": {""}}},
		"at a moment":    {migrate.SubscriptionChange{CancelAt: &at}, map[string][]string{"cancel_at": {"1800000000"}}},
		"at no moment":   {migrate.SubscriptionChange{CancelAt: &never}, map[string][]string{"cancel_at": {""}}},
		"paused":         {migrate.SubscriptionChange{Pause: &void}, map[string][]string{"pause_collection[behavior]": {"void"}}},
		"collected from": {migrate.SubscriptionChange{Pause: &collect}, map[string][]string{"pause_collection": {""}}},
	} {
		t.Run(name, func(t *testing.T) {
			wire := &recorder{base: stripeMock(t)}
			s, err := newGateway(t, gateway.Config{HTTP: wire}).ChangeSubscription(t.Context(), "sub_1", c.change, "key")
			require.NoError(t, err)
			require.NotEmpty(t, s.ID)
			require.Equal(t, "/v1/subscriptions/sub_1", wire.all[0].Path)
			require.Equal(t, "key", wire.all[0].Header.Get("Idempotency-Key"))
			require.Equal(t, c.want, map[string][]string(wire.all[0].Params))
			require.Empty(t, unknownParams(t, wire.all[0]))
		})
	}
}

package forecast_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/forecast"
)

func TestReasonsAreExplained(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range forecast.Reasons() {
		require.NotEmpty(t, r.Description(), r)
		require.False(t, seen[r.Description()], "each says something of its own")
		seen[r.Description()] = true
	}
	require.Empty(t, forecast.Reason("weather").Description())
}

// TestChargeAsJSON: a total that is not known is null, never 0.
func TestChargeAsJSON(t *testing.T) {
	c := forecast.Charge{At: on(time.June, 10), Kind: forecast.First, Currency: "usd", Items: 1999, Total: 1999, Due: 1999}
	text, err := json.Marshal(c)
	require.NoError(t, err)
	require.JSONEq(t, `{"at": "2030-06-10T00:00:00Z", "kind": "first", "currency": "usd", "items": 1999, "one_offs": 0, "discount": 0,
		"tax": 0, "tax_included": 0, "total": 1999, "balance": 0, "amount_due": 1999, "basis": "account"}`, string(text))
	c.Total, c.Unknown = 0, []forecast.Reason{forecast.AutomaticTax}
	text, err = json.Marshal(c)
	require.NoError(t, err)
	require.Contains(t, string(text), `"total":null,"balance":0,"amount_due":null,"basis":"unknown","unknown":["automatic_tax"]`)
}

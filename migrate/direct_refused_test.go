package migrate_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/pace"
	"github.com/subferry/subferry/migrate/sandbox"
)

// Before its start a direct subscription may collect what the customer owes on the balance. When that cannot be paid, the row
// is refused: an incomplete subscription would expire within a day, unnoticed.
func TestADebtThatCannotBeCollectedIsRefused(t *testing.T) {
	w := newTestEnv(t, nil)
	require.NoError(t, w.stripe.Load(strings.NewReader(`{"customers": [{"id": "cus_owes", "balance": 700, "currency": "usd",
		"invoice_settings": {"default_payment_method": "pm_card_chargeCustomerFail"}}]}`)))
	w.how, w.input = directly(), bytesInput("subs.csv", fmt.Appendf(nil, "customer,start_date,price,proration_behavior,backdate_start_date\ncus_owes,%d,price_gold,none,%d\n",
		today.AddDate(0, 0, 10).Unix(), today.AddDate(0, 0, -200).Unix()))
	w.provision()
	summary, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 1, summary.Failed)
	require.Equal(t, "card_declined", summary.Failures[0].Code)
	require.Contains(t, migrate.Advice(&migrate.StripeError{Outcome: migrate.Refused, Type: "card_error", Code: "card_declined"}), "owes on the balance")
	require.Zero(t, w.total())
	w.post("/v1/customers/cus_owes?balance=0")
	summary, err = w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 1, summary.Scheduled)
}

// Rows that come too close while a run waits are not sent, and neither are those whose anchor or start is too far away by a
// clock that was set back.
func TestDirectRowsThatMustNotBeSent(t *testing.T) {
	for name, c := range map[string]struct {
		moves     time.Duration
		proration string
		code      string
	}{
		"too late":           {10*24*time.Hour - time.Minute, "none", migrate.CodeTooLate},
		"too late, prorated": {10*24*time.Hour - time.Minute, "create_prorations", migrate.CodeTooLate},
		"anchor too far":     {-7 * 24 * time.Hour, "none", migrate.CodeAnchorFar},
		"start too far":      {-721 * 24 * time.Hour, "create_prorations", migrate.CodeStartFar},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTestEnv(t, fmt.Appendf(nil, "customer,start_date,price,billing_cycle_anchor,proration_behavior\ncus_1,%d,price_gold,%d,%s\n",
				today.AddDate(0, 0, 10).Unix(), today.AddDate(0, 0, 25).Unix(), c.proration))
			w.how = directly()
			p := w.processOn(w.stripe.Transport(), &crashtest.Crash{}, func(c *migrate.Config) {
				c.Pacer = pace.New(&clock{now: today}, 0) // which would wait until the clock is where it was
			})
			w.fault = func(r *http.Request) sandbox.Fault {
				if r.URL.Path == "/v1/test_helpers/test_clocks" { // the last request before the row's
					w.clock.advanceTo(today.Add(c.moves))
				}
				return sandbox.Fault{}
			}
			summary, err := p.run(migrate.RunOptions{})
			require.NoError(t, err)
			require.EqualValues(t, 1, summary.Failed)
			require.Equal(t, c.code, summary.Failures[0].Code)
			require.Contains(t, summary.Failures[0].Message, "not sent")
			require.Zero(t, w.total())
		})
	}
}

package verify_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/migrate/verify"
)

func TestUpcomingInvoicesAreAsForecast(t *testing.T) {
	for name, e := range map[string]*env{
		"every strategy": newEnv(t, everyStrategy()),
		"direct": newEnv(t, "customer,start_date,price,billing_cycle_anchor,proration_behavior,backdate_start_date,cancel_at_period_end,coupon\n"+
			"cus_A,"+unix(7)+",price_pro,"+unix(20)+",none,"+unix(-100)+",,TEN\n"+
			"cus_B,"+unix(7)+",price_pro,"+unix(20)+",,,,\n"+
			"cus_C,"+unix(7)+",price_pro,"+unix(20)+",none,,true,\n", func(o *migrate.Options) { o.Direct = schedule.Exact }),
	} {
		t.Run(name, func(t *testing.T) {
			for range 20 {
				r := e.verify(verify.Options{Preview: 100})
				require.Empty(t, found(r), e.clock.Now())
				require.Len(t, r.Preview, int(r.Rows))
				e.clock.advance(61 * time.Hour)
			}
		})
	}
}

// TestAnInvoiceThatIsNotAsForecast: the price is the same one, and somebody has given the customer a discount, a tax
// exemption, a debt, or the invoice an item.
func TestAnInvoiceThatIsNotAsForecast(t *testing.T) {
	e := newEnv(t, "customer,start_date,price\ncus_A,"+unix(7)+",price_pro\n")
	e.clock.advance(8 * 24 * time.Hour)
	sub := e.verify(verify.Options{}).Lines[0].SubscriptionID
	changeItem(e.destination, sub, "quantity=2") // the rest of the period is invoiced with the next renewal
	r := e.verify(verify.Options{Preview: 1})
	all := strings.Join(found(r), "\n")
	require.Contains(t, all, "upcoming_invoice total: 19.99 USD / ")
	require.Contains(t, all, "upcoming_invoice amount_due: 19.99 USD / ")
	require.False(t, r.Preview[0].Agrees)
	require.True(t, e.entry(1).VerifiedAt.IsBlank())
	for _, d := range r.Differences {
		if d.Field == "total" {
			require.Contains(t, d.Sentence, "The next invoice comes to another amount: 19.99 USD was planned")
		}
	}

	ended := newEnv(t, "customer,start_date,price\ncus_A,"+unix(7)+",price_pro\n")
	ended.clock.advance(8 * 24 * time.Hour)
	_, err := ended.destination.party.Migrator.Release(t.Context(), ended.id, migrate.ReleaseOptions{})
	require.NoError(t, err)
	ended.destination.post("/v1/subscriptions/"+ended.verify(verify.Options{}).Lines[0].SubscriptionID, "cancel_at_period_end=true")
	r = ended.verify(verify.Options{Preview: 1})
	require.Contains(t, found(r), "upcoming_invoice created: 2027-04-08T09:00:00Z / ")
}

func TestTheSampleIsSpreadAndTheSameAgain(t *testing.T) {
	var csv strings.Builder
	csv.WriteString("customer,start_date,price,trial_end,metadata.third_party_sub_id\n")
	for i := range 60 {
		trial := ""
		if i%30 == 29 {
			trial = unix(20)
		}
		fmt.Fprintf(&csv, "cus_%c,%s,price_pro,%s,old-%d\n", 'A'+i%3, unix(7), trial, i)
	}
	e := newEnv(t, csv.String())
	rows := func(seed uint64) (all []int64) {
		for _, p := range e.verify(verify.Options{Preview: 6, Seed: seed}).Preview {
			all = append(all, p.Row)
		}
		return all
	}
	first := rows(1)
	require.Len(t, first, 6)
	require.Equal(t, first, rows(1))
	require.NotEqual(t, first, rows(2))
	require.True(t, slices.Contains(first, 30) && slices.Contains(first, 60), "the rare strategy is there: %v", first)
	require.NotEqual(t, []int64{1, 2, 3, 4, 30, 60}, first, "not the first ones")
}

// TestListsInsteadOfRequestsPerRow: 300 rows are read back with a few pages, among 400 older schedules.
func TestListsInsteadOfRequestsPerRow(t *testing.T) {
	var csv strings.Builder
	csv.WriteString("customer,start_date,price,metadata.third_party_sub_id\n")
	for i := range 300 {
		fmt.Fprintf(&csv, "cus_%c,%s,price_pro,old-%d\n", 'A'+i%3, unix(7), i)
	}
	e := newEnvOf(t, func(e *env) string {
		for range 400 {
			e.destination.post("/v1/subscription_schedules", "customer=cus_A", "start_date="+unix(5), "phases[0][items][0][price]=price_pro")
		}
		e.clock.advance(time.Hour)
		return csv.String()
	})
	e.destination.seen = nil
	r := e.verify(verify.Options{})
	require.EqualValues(t, 300, r.Verified, found(r))
	require.LessOrEqual(t, r.Requests, int64(8))
	require.EqualValues(t, r.Requests, len(e.destination.seen))

	e.clock.advance(8 * 24 * time.Hour)
	r = e.verify(verify.Options{})
	require.EqualValues(t, 300, r.Verified, found(r))
	require.LessOrEqual(t, r.Requests, int64(16))
}

// TestReadsSurviveWhatHappens: 429, 500, 503 and lost answers on every other request.
func TestReadsSurviveWhatHappens(t *testing.T) {
	for _, kind := range []sandbox.FaultKind{sandbox.RateLimit, sandbox.ServerError, sandbox.Unavailable, sandbox.Drop, sandbox.LockTimeout} {
		t.Run(string(kind), func(t *testing.T) {
			e, _ := moved(t)
			n := 0
			flaky := func(*http.Request) sandbox.Fault {
				if n++; n%3 != 0 {
					return sandbox.Fault{Kind: kind, When: sandbox.AfterExecuting}
				}
				return sandbox.Fault{}
			}
			e.destination.fault, e.source.fault = flaky, flaky
			require.Empty(t, found(e.both(verify.Options{Map: mapping(), Preview: 3})))
		})
	}
	e, _ := moved(t)
	e.destination.fault = func(r *http.Request) sandbox.Fault {
		if strings.HasPrefix(r.URL.Path, "/v1/subscription_schedules") {
			return sandbox.Fault{Kind: sandbox.ServerError}
		}
		return sandbox.Fault{}
	}
	_, err := e.verifier().Verify(t.Context(), e.id, verify.Options{})
	require.ErrorContains(t, err, "the schedules cannot be read")
	require.True(t, e.entry(1).VerifiedAt.IsBlank(), "what was not read is not verified")
}

package verify_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/verify"
)

func (e *env) repair(r *verify.Result) string {
	e.t.Helper()
	var log strings.Builder
	require.NoError(e.t, e.verifier().Apply(e.t.Context(), e.id, r.Repairs, e.destination.gw, slog.New(slog.NewTextHandler(&log, nil))))
	return log.String()
}

// bridge has a coupon that a live subscription in its free time loses as soon as somebody updates it.
func bridge(t *testing.T, coupon string) (*env, string) {
	e := newEnv(t, "customer,start_date,price,billing_cycle_anchor,proration_behavior,coupon\ncus_A,"+unix(7)+",price_pro,"+unix(20)+",none,"+coupon+"\n")
	e.clock.advance(8 * 24 * time.Hour)
	return e, e.verify(verify.Options{}).Lines[0].SubscriptionID
}

func TestALostCouponIsGivenBack(t *testing.T) {
	e, sub := bridge(t, "TEN")
	e.destination.post("/v1/subscriptions/"+sub, "proration_behavior=none", "metadata[mine]=kept")
	r := e.verify(verify.Options{})
	require.Equal(t, []string{"destination coupon: TEN / "}, found(r))
	require.Len(t, r.Repairs, 1)
	require.Equal(t, "POST /v1/subscriptions/"+sub+" with coupon=TEN", r.Repairs[0].Request)
	e.destination.seen = nil
	log := e.repair(r)
	require.True(t, r.Repairs[0].Done)
	require.Contains(t, log, "coupon is about to be given back")
	require.NotContains(t, log, "sk_test")
	require.Empty(t, found(e.verify(verify.Options{Preview: 1})))

	e.destination.seen = nil
	again := []verify.Repair{r.Repairs[0]}
	e.repair(&verify.Result{Repairs: again})
	require.Equal(t, []string{"GET /v1/subscriptions/" + sub}, e.destination.seen, "given twice is not sent twice")

	notStarted := newEnv(t, one())
	id := notStarted.entry(1).ScheduleID
	notStarted.destination.post("/v1/subscription_schedules/"+id, nonBlank(append(phase("phases[0][coupon]="), tagOf(notStarted)))...)
	r = notStarted.verify(verify.Options{})
	require.Equal(t, []string{"destination coupon: TEN / "}, found(r))
	notStarted.repair(r)
	require.True(t, r.Repairs[0].Done)
	require.Empty(t, found(notStarted.verify(verify.Options{Preview: 1})))
}

// tagOf is the migration's mark on the phase of the first row.
func tagOf(e *env) string { return "phases[0][metadata][subferry]=" + e.id + "/1" }

func TestAdhocRowsGetTheirCouponBack(t *testing.T) {
	csv := strings.ReplaceAll(adhoc(), "items.0.quantity\n", "items.0.quantity,coupon\n")
	csv = strings.Replace(csv, "price_team,4\n", "price_team,4,TEN\n", 1)
	csv = strings.Replace(csv, "year,usd,,,\n", "year,usd,,,,\n", 1)
	e := newEnv(t, csv)
	id := e.entry(1).ScheduleID
	e.destination.post("/v1/subscription_schedules/"+id, "phases[0][start_date]="+unix(7), "phases[0][iterations]=1", "phases[0][items][0][price]=price_team", "phases[0][items][0][quantity]=4",
		"phases[0][items][1][price_data][currency]=usd", "phases[0][items][1][price_data][product]=prod_A", "phases[0][items][1][price_data][unit_amount]=1234",
		"phases[0][items][1][price_data][recurring][interval]=month", "phases[0][items][1][quantity]=2", tagOf(e))
	r := e.verify(verify.Options{})
	require.Equal(t, []string{"destination coupon: TEN / "}, found(r))
	e.repair(r)
	require.Empty(t, found(e.verify(verify.Options{})))
}

// TestWhatIsLeftToPeople: nothing but a lost coupon is repaired, and that only when it does no harm.
func TestWhatIsLeftToPeople(t *testing.T) {
	e, sub := bridge(t, "TEN")
	e.destination.post("/v1/subscriptions/"+sub, "coupon=ONCE")
	changeItem(e.destination, sub, "quantity=3")
	require.Empty(t, e.verify(verify.Options{}).Repairs, "another coupon, another quantity")

	months, sub := bridge(t, "MONTHS")
	months.destination.post("/v1/subscriptions/"+sub, "proration_behavior=none")
	require.NotEmpty(t, months.verify(verify.Options{}).Repairs[0].Request, "its first month has not begun to be charged")
	months.clock.advance(15 * 24 * time.Hour)
	r := months.verify(verify.Options{})
	require.Equal(t, []string{"destination coupon: MONTHS / "}, found(r))
	require.Contains(t, r.Repairs[0].Reason, "would last longer than promised")
	months.clock.advance(200 * 24 * time.Hour)
	require.Empty(t, found(months.verify(verify.Options{})), "its months are over")

	more := newEnv(t, one())
	more.destination.post("/v1/subscription_schedules/"+more.entry(1).ScheduleID, nonBlank(append(phase("phases[0][coupon]=", "phases[0][items][0][quantity]=4"), tagOf(more)))...)
	r = more.verify(verify.Options{})
	require.Len(t, r.Repairs, 1)
	require.Empty(t, r.Repairs[0].Request)
	require.Contains(t, r.Repairs[0].Reason, "differs in more than its coupon")
	more.destination.seen = nil
	more.repair(r)
	require.Empty(t, more.destination.seen, "nothing is sent for it")

	gone, sub2 := bridge(t, "TEN")
	gone.destination.post("/v1/subscriptions/"+sub2, "proration_behavior=none")
	gone.destination.send(http.MethodDelete, "/v1/coupons/TEN")
	r = gone.verify(verify.Options{})
	require.Contains(t, r.Repairs[0].Reason, "does not have the coupon any more")

	soon := newEnv(t, one())
	soon.destination.post("/v1/subscription_schedules/"+soon.entry(1).ScheduleID, nonBlank(append(phase("phases[0][coupon]="), tagOf(soon)))...)
	r = soon.verify(verify.Options{})
	soon.clock.advance(7*24*time.Hour - 2*time.Minute)
	soon.repair(r)
	require.False(t, r.Repairs[0].Done)
	require.Contains(t, r.Repairs[0].Error, "verify again")
	require.Contains(t, soon.verify(verify.Options{}).Repairs[0].Reason, "starts within minutes")
}

// TestARepairConverges: answers that are lost, before and after the request was executed, change nothing twice.
func TestARepairConverges(t *testing.T) {
	for _, kind := range []sandbox.FaultKind{sandbox.ServerError, sandbox.Drop, sandbox.RateLimit} {
		for _, when := range []sandbox.Moment{sandbox.BeforeExecuting, sandbox.AfterExecuting} {
			e, sub := bridge(t, "TEN")
			e.destination.post("/v1/subscriptions/"+sub, "proration_behavior=none")
			r := e.verify(verify.Options{})
			posts := 0
			e.destination.fault = func(req *http.Request) sandbox.Fault {
				if req.Method == http.MethodPost {
					if posts++; posts == 1 {
						return sandbox.Fault{Kind: kind, When: when}
					}
				}
				return sandbox.Fault{}
			}
			e.repair(r)
			require.True(t, r.Repairs[0].Done, "%s %s: %s", kind, when, r.Repairs[0].Error)
			require.LessOrEqual(t, posts, 2)
			require.Empty(t, found(e.verify(verify.Options{})))
		}
	}
}

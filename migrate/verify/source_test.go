package verify_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/verify"
	"github.com/subferry/subferry/validate/convert"
)

// mapping says which of the destination's IDs the source's stand for.
func mapping() convert.Map {
	return convert.Map{
		convert.KindPrice:  {"price_oldpro": "price_pro", "price_oldteam": "price_team"},
		convert.KindCoupon: {"oldTEN": "TEN", "oldONCE": "ONCE", "oldMONTHS": "MONTHS"},
	}
}

// moved has a source subscription that is paid until the start of its row.
func moved(t *testing.T) (e *env, old string) {
	e = newEnvOf(t, func(e *env) string {
		old = e.source.post("/v1/subscriptions", "customer=cus_A", "items[0][price]=price_oldpro", "items[0][quantity]=3", "coupon=oldTEN",
			"billing_cycle_anchor="+unix(7), "proration_behavior=none")["id"].(string)
		return "customer,start_date,price,quantity,coupon,metadata.old_Stripe_sub_id\ncus_A," + unix(7) + ",price_pro,3,TEN," + old + "\n"
	})
	return e, old
}

func TestTheSourceIsAsTheFileSays(t *testing.T) {
	e, _ := moved(t)
	withMap := e.both(verify.Options{Map: mapping()})
	require.Empty(t, found(withMap))
	require.Empty(t, found(e.both(verify.Options{Map: convert.Map{convert.KindCoupon: {"oldTEN": "TEN"}}})), "the same amount as the destination's price")
	alone := e.verify(verify.Options{})
	require.NotEqual(t, alone.Lines[0].SHA256, withMap.Lines[0].SHA256, "the source is part of what is hashed")
}

// TestDifferencesOfTheSource: what has happened in the source account since the file was made.
func TestDifferencesOfTheSource(t *testing.T) {
	update := func(form ...string) func(*env, string) {
		return func(e *env, old string) { e.source.post("/v1/subscriptions/"+old, form...) }
	}
	for name, c := range map[string]struct {
		change   func(*env, string)
		want     string
		sentence string
	}{
		"left":      {func(e *env, old string) { e.source.send(http.MethodDelete, "/v1/subscriptions/"+old) }, "source status: active / canceled", "the customer has left since the file was made"},
		"leaving":   {update("cancel_at_period_end=true"), "source cancel_at_period_end: false / true", "The customer has canceled the old subscription"},
		"ends":      {update("cancel_at=" + unix(9)), "source cancel_at_period_end: false / true", "The customer has canceled the old subscription"},
		"quantity":  {func(e *env, old string) { changeItem(e.source, old, "quantity=5") }, "source quantity: 3 / 5", "changed the quantity since the file was made"},
		"price":     {func(e *env, old string) { changeItem(e.source, old, "price=price_oldteam") }, "source price: price_pro / price_team", "The price is another one"},
		"more":      {update("items[0][price]=price_oldteam", "proration_behavior=none", "coupon=oldTEN"), "source items:  / price_oldteam x 1", "has an item that the row does not have"},
		"discount":  {update("coupon=oldONCE"), "source discount: TEN / ONCE", "The discount is another one"},
		"no coupon": {update("proration_behavior=none"), "source discount: TEN / ", "the customer would pay less"},
		"paused":    {update("pause_collection[behavior]=void"), "source pause_collection:  / void", "payments are paused"},
		"renewed":   {func(e *env, _ string) { e.clock.advance(7*24*time.Hour + time.Minute) }, "source current_period_end: 2027-03-08T09:00:00Z / 2027-04-08T09:00:00Z", "the time between is paid twice"},
	} {
		t.Run(name, func(t *testing.T) {
			e, old := moved(t)
			c.change(e, old)
			r := e.both(verify.Options{Map: mapping()})
			require.Contains(t, found(r), c.want)
			for _, d := range r.Differences {
				if c.want == found(&verify.Result{Differences: []verify.Difference{d}})[0] {
					require.Contains(t, d.Sentence, c.sentence)
				}
			}
			require.True(t, e.entry(1).VerifiedAt.IsBlank())
			require.Empty(t, found(e.verify(verify.Options{})), "the destination alone is as it should be")
		})
	}
}

// TestWhatWasDecidedIsExpected: differences that the user has decided about when the file was made. Who has left since is
// seen all the same.
func TestWhatWasDecidedIsExpected(t *testing.T) {
	decided := func(state, of, word string) verify.Options {
		return verify.Options{Map: mapping(), Decided: func(id, s string) (string, bool) {
			if s != state || of != "*" && of != id {
				return "", false
			}
			return word, of != "*"
		}}
	}
	for name, c := range map[string]struct {
		change string // of the source
		state  string
		word   string
		all    bool // deciding about all is enough
		want   string
	}{
		"paused":          {"pause_collection[behavior]=void", "collection_paused", "move", true, "source pause_collection:  / void"},
		"leaving":         {"cancel_at_period_end=true", "ending", "move", false, "source cancel_at_period_end: false / true"},
		"ends later":      {"cancel_at=" + unix(20), "cancel_at", "move", false, "source cancel_at_period_end: false / true"},
		"of the customer": {"proration_behavior=none", "customer_discount", "coupon:oldTEN", true, "source discount: TEN / "},
		"skipped":         {"proration_behavior=none", "customer_discount", "skip", true, ""},
		"another":         {"proration_behavior=none", "customer_discount", "coupon:oldONCE", true, ""},
		"restarted":       {"coupon=oldONCE", "discount_runs_out", "restart", true, "source discount: TEN / ONCE"},
	} {
		t.Run(name, func(t *testing.T) {
			e, old := moved(t)
			e.source.post("/v1/subscriptions/"+old, c.change)
			require.NotEmpty(t, found(e.both(verify.Options{Map: mapping()})))
			if c.want != "" {
				require.Contains(t, found(e.both(verify.Options{Map: mapping()})), c.want)
			}
			require.Equal(t, c.want == "" || !c.all, len(found(e.both(decided(c.state, "*", c.word)))) > 0)
			require.Equal(t, c.want == "", len(found(e.both(decided(c.state, old, c.word)))) > 0)
		})
	}
}

// TestADecisionAboutAllWhoWereLeaving counts for who had canceled before the run, and for nobody who has since.
func TestADecisionAboutAllWhoWereLeaving(t *testing.T) {
	for state, change := range map[string]string{"cancel_at": "cancel_at=" + unix(20), "ending": "cancel_at_period_end=true"} {
		var old string
		e := newEnvOf(t, func(e *env) string {
			old = e.source.post("/v1/subscriptions", "customer=cus_A", "items[0][price]=price_oldpro", "billing_cycle_anchor="+unix(7), "proration_behavior=none")["id"].(string)
			e.source.post("/v1/subscriptions/"+old, change)
			e.clock.advance(time.Minute)
			return "customer,start_date,price,quantity,metadata.old_Stripe_sub_id\ncus_A," + unix(7) + ",price_pro,1," + old + "\n"
		})
		move := verify.Options{Map: mapping(), Decided: func(_, s string) (string, bool) { return map[string]string{state: "move"}[s], false }}
		require.Empty(t, found(e.both(move)), state)
		undecided := e.both(verify.Options{Map: mapping()})
		require.Equal(t, []string{"source cancel_at_period_end: false / true, since before the run"}, found(undecided))
		require.NotContains(t, undecided.Differences[0].Sentence, "since the file was made")
		e.clock.advance(time.Minute)
		e.source.post("/v1/subscriptions/"+old, "cancel_at_period_end=false")
		e.source.post("/v1/subscriptions/"+old, "cancel_at=")
		e.source.post("/v1/subscriptions/"+old, change)
		require.Equal(t, []string{"source cancel_at_period_end: false / true"}, found(e.both(move)), "canceled anew: %s", state)
	}
}

// TestTheSourceIsNotThere: a key of another account, or a row with a wrong ID.
func TestTheSourceIsNotThere(t *testing.T) {
	e := newEnv(t, one())
	r := e.both(verify.Options{})
	require.Equal(t, []string{"source subscription: old_1 / "}, found(r))
	require.Contains(t, r.Differences[0].Sentence, "The old account has no subscription old_1")

	none := newEnv(t, "customer,start_date,price\ncus_A,"+unix(7)+",price_pro\n")
	r = none.both(verify.Options{})
	require.Empty(t, found(r))
	require.EqualValues(t, 1, r.NoSource, "said aloud: nothing was compared with the source")
}

// TestAStoppedSourceIsAsItShouldBe: what a cutover has stopped ends, which is no difference any more.
func TestAStoppedSourceIsAsItShouldBe(t *testing.T) {
	e, old := moved(t)
	e.source.post("/v1/subscriptions/"+old, "cancel_at_period_end=true")
	require.NotEmpty(t, found(e.both(verify.Options{Map: mapping()})))
	one := e.entry(1)
	one.Source = ledger.SourceStopping
	require.NoError(t, e.ledger.PutSource(t.Context(), e.id, ledger.SourceUntouched, one))
	one.Source = ledger.SourceStopped
	require.NoError(t, e.ledger.PutSource(t.Context(), e.id, ledger.SourceStopping, one))
	require.Empty(t, found(e.both(verify.Options{Map: mapping()})))
	e.clock.advance(8 * 24 * time.Hour)
	require.Empty(t, found(e.both(verify.Options{Map: mapping()})), "nor when it has ended")
}

// TestAmountsOfTheSource: a row that states its amount itself, because the source's price cannot be had any more.
func TestAmountsOfTheSource(t *testing.T) {
	e := newEnvOf(t, func(e *env) string {
		old := e.source.post("/v1/subscriptions", "customer=cus_A", "items[0][price_data][currency]=usd", "items[0][price_data][product]=prod_A",
			"items[0][price_data][unit_amount]=1234", "items[0][price_data][recurring][interval]=month", "billing_cycle_anchor="+unix(7), "proration_behavior=none")["id"].(string)
		return "customer,start_date,adhoc_items.0.amount,adhoc_items.0.product,adhoc_items.0.interval,adhoc_items.0.currency,metadata.old_Stripe_sub_id\n" +
			"cus_A," + unix(7) + ",1234,prod_B,month,usd," + old + "\n"
	})
	require.Empty(t, found(e.both(verify.Options{})))
	require.Empty(t, found(e.both(verify.Options{Map: convert.Map{"product": {"prod_A": "prod_B"}}})))
	require.Equal(t, []string{"source adhoc_items.0.product: prod_B / prod_C"}, found(e.both(verify.Options{Map: convert.Map{"product": {"prod_A": "prod_C"}}})))
}

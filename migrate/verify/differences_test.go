package verify_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/verify"
)

// one is a file of one row with everything in it.
func one() string {
	return "customer,start_date,price,quantity,coupon,default_tax_rate,collection_method,days_until_due,metadata.note,metadata.old_Stripe_sub_id\n" +
		"cus_A," + unix(7) + ",price_pro,3,TEN,txr_vat,send_invoice,30,hello,old_1\n"
}

// phase is the phase of one's schedule as it is, to be changed by the last parameters.
func phase(change ...string) []string {
	same := []string{"phases[0][start_date]=" + unix(7), "phases[0][iterations]=1", "phases[0][items][0][price]=price_pro", "phases[0][items][0][quantity]=3",
		"phases[0][coupon]=TEN", "phases[0][default_tax_rates][0]=txr_vat", "phases[0][collection_method]=send_invoice",
		"phases[0][invoice_settings][days_until_due]=30", "phases[0][metadata][note]=hello", "phases[0][metadata][old_Stripe_sub_id]=old_1"}
	for _, c := range change {
		name, value, _ := strings.Cut(c, "=")
		for i, s := range same {
			if strings.HasPrefix(s, name+"=") {
				same[i] = ""
			}
		}
		if value != "" {
			same = append(same, c)
		}
	}
	return same
}

// TestDifferencesOfASchedule: each field that somebody changes is found, with both values and a sentence.
func TestDifferencesOfASchedule(t *testing.T) {
	for name, c := range map[string]struct {
		change   []string
		field    string
		expected string
		found    string
		sentence string
	}{
		"start":       {phase("phases[0][start_date]="+unix(8), "phases[0][iterations]=1"), "start_date", "2027-03-08T09:00:00Z", "2027-03-09T09:00:00Z", "starts at 2027-03-08"},
		"end":         {phase("phases[0][iterations]=2"), "end_date", "2027-04-08T09:00:00Z", "2027-05-08T09:00:00Z", "hands over at another moment"},
		"end of all":  {[]string{"end_behavior=cancel"}, "end_behavior", "release", "cancel", "What happens after the first period"},
		"price":       {phase("phases[0][items][0][price]=price_team"), "price", "price_pro", "price_team", "pays another price"},
		"quantity":    {phase("phases[0][items][0][quantity]=4"), "quantity", "3", "4", "another number of units: the row says 3"},
		"more items":  {phase("phases[0][items][1][price]=price_team"), "items", "", "price_team x 1", "something that the row does not have"},
		"coupon":      {phase("phases[0][coupon]="), "coupon", "TEN", "", "TEN was lost"},
		"other":       {phase("phases[0][coupon]=ONCE"), "coupon", "TEN", "ONCE", "another discount"},
		"tax":         {phase("phases[0][default_tax_rates][0]="), "default_tax_rate", "txr_vat", "", "No tax is added"},
		"collection":  {phase("phases[0][collection_method]=charge_automatically", "phases[0][invoice_settings][days_until_due]="), "collection_method", "send_invoice", "charge_automatically", "pays in another way"},
		"days":        {phase("phases[0][invoice_settings][days_until_due]=14"), "days_until_due", "30", "14", "due after another number of days"},
		"trial":       {phase("phases[0][trial_end]=" + unix(12)), "trial_end", "", "2027-03-13T09:00:00Z", "is free until"},
		"proration":   {phase("phases[0][proration_behavior]=none"), "proration_behavior", "create_prorations", "none", "Parts of a period"},
		"metadata":    {[]string{"metadata[note]=other"}, "metadata.note", "hello", "other", "note that the row keeps"},
		"of phase":    {phase("phases[0][metadata][note]=other"), "phase.metadata.note", "hello", "other", "note that the row keeps"},
		"mark":        {[]string{"metadata[subferry]="}, "metadata.subferry", "", "", "mark by which the migration finds its own"},
		"one-off":     {phase("phases[0][add_invoice_items][0][price_data][currency]=usd", "phases[0][add_invoice_items][0][price_data][product]=prod_A", "phases[0][add_invoice_items][0][price_data][unit_amount]=700"), "add_invoice_items", "", "7.00 USD", "one-off charge that the row does not have: 7.00 USD"},
		"more phases": {append(phase(), "phases[1][items][0][price]=price_team", "phases[1][iterations]=1"), "phases", "1", "2", "changed what the schedule does later"},
		"automatic":   {phase("phases[0][default_tax_rates][0]=", "phases[0][automatic_tax][enabled]=true"), "automatic_tax", "false", "true", "Stripe Tax"},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, one())
			e.destination.post("/v1/customers/cus_A", "address[country]=DE")
			e.destination.post("/v1/subscription_schedules/"+e.entry(1).ScheduleID, nonBlank(c.change)...)
			r := e.verify(verify.Options{})
			var d *verify.Difference
			for i := range r.Differences {
				if r.Differences[i].Field == c.field {
					d = &r.Differences[i]
				}
			}
			require.NotNil(t, d, found(r))
			if c.field != "metadata.subferry" {
				require.Equal(t, c.expected, d.Expected)
			}
			require.Equal(t, c.found, d.Found)
			require.Contains(t, d.Sentence, c.sentence)
			require.Equal(t, int64(1), r.Different)
			require.True(t, e.entry(1).VerifiedAt.IsBlank())
		})
	}
}

func nonBlank(all []string) (some []string) {
	for _, one := range all {
		if one != "" {
			some = append(some, one)
		}
	}
	return some
}

// TestDifferencesOfALiveSubscription: likewise, once the schedule has started and was released.
func TestDifferencesOfALiveSubscription(t *testing.T) {
	for name, c := range map[string]struct {
		change   func(*env, string)
		field    string
		expected string
		found    string
		sentence string
	}{
		"canceled": {func(e *env, sub string) { e.destination.send(http.MethodDelete, "/v1/subscriptions/"+sub) }, "status", "active", "canceled", "not charged as the row asks"},
		"ending":   {func(e *env, sub string) { e.destination.post("/v1/subscriptions/"+sub, "cancel_at_period_end=true") }, "ends", "", "2027-04-08T09:00:00Z", "somebody has canceled it"},
		"quantity": {func(e *env, sub string) { changeItem(e.destination, sub, "quantity=9") }, "quantity", "3", "9", "number of units"},
		"price":    {func(e *env, sub string) { changeItem(e.destination, sub, "price=price_team") }, "price", "price_pro", "price_team", "another price"},
		"coupon":   {func(e *env, sub string) { e.destination.post("/v1/subscriptions/"+sub, "coupon=ONCE") }, "coupon", "TEN", "ONCE", "another discount"},
		"days":     {func(e *env, sub string) { e.destination.post("/v1/subscriptions/"+sub, "days_until_due=5") }, "days_until_due", "30", "5", "due after"},
		"collection": {func(e *env, sub string) {
			e.destination.post("/v1/subscriptions/"+sub, "collection_method=charge_automatically")
		}, "collection_method", "send_invoice", "charge_automatically", "pays in another way"},
		"metadata": {func(e *env, sub string) { e.destination.post("/v1/subscriptions/"+sub, "metadata[note]=x") }, "metadata.note", "hello", "x", "note"},
		"tax":      {func(e *env, sub string) { e.destination.post("/v1/subscriptions/"+sub, "default_tax_rates=") }, "default_tax_rate", "txr_vat", "", "No tax"},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, one())
			e.clock.advance(8 * 24 * time.Hour)
			_, err := e.destination.party.Migrator.Release(t.Context(), e.id, migrate.ReleaseOptions{})
			require.NoError(t, err)
			r := e.verify(verify.Options{})
			require.Empty(t, found(r))
			c.change(e, r.Lines[0].SubscriptionID)
			r = e.verify(verify.Options{})
			require.NotEmpty(t, r.Differences)
			d := r.Differences[0]
			require.Equal(t, []string{c.field, c.expected, c.found}, []string{d.Field, d.Expected, d.Found}, found(r))
			require.Contains(t, d.Sentence, c.sentence)
		})
	}
}

// changeItem changes the first item of a subscription.
func changeItem(a *account, sub, change string) {
	items := a.send(http.MethodGet, "/v1/subscription_items?subscription="+sub)["data"].([]any)
	a.post("/v1/subscriptions/"+sub, "items[0][id]="+items[0].(map[string]any)["id"].(string), "items[0]["+strings.Replace(change, "=", "]=", 1))
}

func TestRowsThatAreGoneOrWereRefused(t *testing.T) {
	e := newEnv(t, one())
	e.destination.post("/v1/subscription_schedules/" + e.entry(1).ScheduleID + "/cancel")
	require.Equal(t, []string{"destination status: not_started / canceled"}, found(e.verify(verify.Options{})))

	_, err := e.destination.party.Migrator.Cancel(t.Context(), e.id, migrate.CancelOptions{})
	require.NoError(t, err)
	r := e.verify(verify.Options{})
	require.Empty(t, found(r))
	require.EqualValues(t, []int64{0, 1}, []int64{r.Verified, r.Canceled}, "canceled by us is as it should be")

	refused := newEnv(t, "customer,start_date,price\ncus_A,"+unix(7)+",price_pro\ncus_none,"+unix(7)+",price_pro\n")
	r = refused.verify(verify.Options{})
	require.Len(t, r.Differences, 1)
	require.Contains(t, r.Differences[0].Sentence, "The customer has no subscription in the new account for this row: it was to be scheduled and is refused: No such customer")
}

func TestTheFileMustBeTheMigrations(t *testing.T) {
	e := newEnv(t, one())
	require.NoError(t, os.WriteFile(e.path, []byte(strings.Replace(one(), ",3,", ",4,", 1)), 0o600))
	_, err := e.verifier().Verify(t.Context(), e.id, verify.Options{})
	require.ErrorIs(t, err, migrate.ErrChanged)
	require.True(t, e.entry(1).VerifiedAt.IsBlank())

	other := newEnv(t, one())
	v := verify.New(verify.Config{Destination: other.source.party, Ledger: other.ledger, Clock: other.clock})
	_, err = v.Verify(t.Context(), other.id, verify.Options{})
	var wrong *migrate.WrongAccountError
	require.ErrorAs(t, err, &wrong)
}

// TestDifferencesOfAmounts: a row that states its amounts itself.
func TestDifferencesOfAmounts(t *testing.T) {
	items := func(e *env, change string) []string {
		form := []string{"phases[0][start_date]=" + unix(7), "phases[0][iterations]=1", "phases[0][items][0][price]=price_team", "phases[0][items][0][quantity]=4",
			"phases[0][items][1][price_data][currency]=usd", "phases[0][items][1][price_data][product]=prod_A", "phases[0][items][1][price_data][unit_amount]=1234",
			"phases[0][items][1][price_data][recurring][interval]=month", "phases[0][items][1][quantity]=2", tagOf(e)}
		name, _, _ := strings.Cut(change, "=")
		for i := range form {
			if strings.HasPrefix(form[i], name+"=") {
				form[i] = change
			}
		}
		return form
	}
	for change, want := range map[string]string{
		"phases[0][items][1][price_data][unit_amount]=1235": "destination adhoc_items.0.amount: 12.34 USD / 12.35 USD",
		"phases[0][items][1][price_data][product]=prod_B":   "destination adhoc_items.0.product: prod_A / prod_B",
		"phases[0][items][1][quantity]=3":                   "destination adhoc_items.0.quantity: 2 / 3",
		"phases[0][items][0][quantity]=9":                   "destination items.0.quantity: 4 / 9",
		"phases[0][items][0][price]=price_pro":              "destination items.0.price: price_team / price_pro",
	} {
		e := newEnv(t, adhoc())
		e.destination.post("/v1/subscription_schedules/"+e.entry(1).ScheduleID, items(e, change)...)
		require.Equal(t, []string{want}, found(e.verify(verify.Options{})))
	}
	e := newEnv(t, adhoc())
	e.destination.post("/v1/subscription_schedules/"+e.entry(1).ScheduleID, append(items(e, "")[:4], tagOf(e))...)
	require.Equal(t, []string{"destination adhoc_items.0.amount: 12.34 USD / "}, found(e.verify(verify.Options{})), "an item is gone")
}

// TestDefaultsOfASchedule: what outlives the phase.
func TestDefaultsOfASchedule(t *testing.T) {
	e := newEnv(t, one())
	e.destination.post("/v1/subscription_schedules/"+e.entry(1).ScheduleID, "default_settings[collection_method]=charge_automatically")
	require.ElementsMatch(t, []string{"destination default_settings.collection_method: send_invoice / charge_automatically", "destination default_settings.days_until_due: 30 / "},
		found(e.verify(verify.Options{})))
}

// TestWhatIsNotThere: objects that are gone, and rows of which nobody knows what became of them.
func TestWhatIsNotThere(t *testing.T) {
	e := newEnv(t, one())
	lost := e.entry(1)
	for _, to := range []ledger.State{ledger.Canceling, ledger.Scheduled} { // another ID, by legal steps
		before := e.entry(1).State
		lost.State, lost.ScheduleID = to, "sub_sched_gone"
		require.NoError(t, e.ledger.Put(t.Context(), e.id, before, lost))
	}
	r := e.verify(verify.Options{Preview: 1})
	require.Equal(t, []string{"destination object: sub_sched_gone / "}, found(r))
	require.Contains(t, r.Differences[0].Sentence, "does not exist any more: nobody will charge this customer")

	unknown := newEnv(t, "customer,start_date,price\ncus_A,"+unix(7)+",price_pro\ncus_none,"+unix(7)+",price_pro\n")
	begun := unknown.entry(2)
	begun.State = ledger.Intended
	require.NoError(t, unknown.ledger.Put(t.Context(), unknown.id, ledger.Refused, begun))
	r = unknown.verify(verify.Options{})
	require.Len(t, r.Differences, 1)
	require.Contains(t, r.Differences[0].Sentence, "whether it exists is not known (migrate resume looks)")
	require.Empty(t, found(unknown.verify(verify.Options{Rows: map[int64]bool{1: true}})), "only the rows that are asked for")
}

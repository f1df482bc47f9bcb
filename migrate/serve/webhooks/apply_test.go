package webhooks_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/internal/standing"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/monitor"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/serve/store"
	"github.com/subferry/subferry/migrate/serve/webhooks"
	"github.com/subferry/subferry/validate"
)

// env is a migration of some rows into a sandbox, and a receiver that is told of what happens there.
type env struct {
	*receiver
	box     *sandbox.Server
	ledger  *ledger.Memory
	m       *migrate.Migrator
	gw      *gateway.Gateway
	id      string
	here    store.EventAccount
	applier *webhooks.Applier
	reads   int
	failing error // of every request that reads
}

// rows are customers with what becomes of their first invoices.
const rows = "FAIL paid NONE paid FAIL"

func newEnv(t testing.TB, dir string) *env {
	e := &env{receiver: newReceiver(t, dir), ledger: ledger.NewMemory()}
	var err error
	e.box, err = sandbox.Open(sandbox.Options{Now: e.clock.Now, Seed: "webhooks"})
	require.NoError(t, err)
	t.Cleanup(func() { e.box.Close() })
	var customers []string
	file := "customer,start_date,price,metadata.old_Stripe_sub_id\n"
	for i, card := range strings.Fields(rows) {
		settings := map[string]string{"FAIL": `, "invoice_settings": {"default_payment_method": "pm_card_chargeCustomerFail"}`, "paid": `, "invoice_settings": {"default_payment_method": "pm_card_visa"}`}[card]
		customers = append(customers, fmt.Sprintf(`{"id": "cus_%d", "email": "a@example.com"%s}`, i+1, settings))
		file += fmt.Sprintf("cus_%d,%d,price_A,sub_old%d\n", i+1, today.AddDate(0, 0, 10).Unix(), i+1)
	}
	require.NoError(t, e.box.Load(strings.NewReader(`{"account": {"id": "acct_one"}, "products": [{"id": "prod_A", "name": "A"}], "prices": [{"id": "price_A", "product": "prod_A",
		"currency": "usd", "unit_amount": 1000, "recurring": {"interval": "month"}}], "customers": [`+strings.Join(customers, ",")+`]}`)))
	key, err := gateway.NewKey("sk_test_tests")
	require.NoError(t, err)
	e.gw, err = gateway.New(gateway.Config{Key: key, BaseURL: "http://127.0.0.1", HTTP: e.box.Transport()})
	require.NoError(t, err)
	e.m, err = migrate.New(migrate.Config{Gateway: e.gw, Ledger: e.ledger, Clock: runs{e.clock}, Workers: 1})
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "subs.csv")
	require.NoError(t, os.WriteFile(path, []byte(file), 0o600))
	review, err := e.m.Review(context.Background(), migrate.FileInput(path), migrate.Options{Unit: csvspec.UnitMinor, Lead: validate.LiveLead})
	require.NoError(t, err)
	s, err := e.m.Run(context.Background(), review, migrate.RunOptions{})
	require.NoError(t, err)
	e.id, e.here = s.ID, store.EventAccount{Account: "acct_one"}
	e.applier = &webhooks.Applier{Store: e.store, Ledger: e.ledger, Clock: e.clock, Log: slog.New(slog.DiscardHandler),
		Open: func(_ context.Context, a store.EventAccount) (*migrate.Migrator, standing.Reader, error) {
			if a != e.here {
				return nil, nil, nil
			}
			return e.m, e, nil
		}}
	return e
}

// runs is a clock that waits for nobody.
type runs struct{ *clock }

func (r runs) Sleep(ctx context.Context, d time.Duration) error {
	r.to(r.Now().Add(d))
	return ctx.Err()
}

// Read implements standing.Reader.
func (e *env) Read(ctx context.Context, path string, query url.Values) (json.RawMessage, error) {
	if e.reads++; e.failing != nil {
		return nil, e.failing
	}
	return e.gw.Read(ctx, path, query)
}

// at moves the clock to a moment after go-live, and the sandbox does what is due.
func (e *env) at(d time.Duration) {
	e.clock.to(today.AddDate(0, 0, 10).Add(d))
	e.events()
}

// events returns the sandbox's events, the oldest first.
func (e *env) events() (all []string) {
	e.Helper()
	query := url.Values{"limit": {"100"}}
	for {
		raw, err := e.gw.Read(context.Background(), "/v1/events", query)
		require.NoError(e, err)
		var page struct {
			Data []json.RawMessage `json:"data"`
			More bool              `json:"has_more"`
		}
		require.NoError(e, json.Unmarshal(raw, &page))
		for _, one := range page.Data {
			all = append(all, string(one))
			query.Set("starting_after", idOf(e, string(one)))
		}
		if !page.More {
			slices.Reverse(all)
			return all
		}
	}
}

func idOf(t require.TestingT, event string) string {
	var head struct {
		ID string `json:"id"`
	}
	require.NoError(t, json.Unmarshal([]byte(event), &head))
	return head.ID
}

// deliver sends an event as Stripe does.
func (e *env) deliver(account, event string) {
	e.Helper()
	status, answer := e.send(webhooks.Path+account, event, sign(event, e.clock.Now(), secret))
	require.Equal(e, 200, status, answer)
}

func (e *env) apply() {
	e.Helper()
	for _, account := range []string{"acct_one", "acct_source"} {
		err := e.applier.Apply(context.Background(), store.EventAccount{Account: account})
		if !errors.Is(err, webhooks.ErrHeld) { // an account of which no event has come
			require.NoError(e, err)
		}
	}
}

// state is all that events have led to.
func (e *env) state() (all []string) {
	e.Helper()
	for row, err := range e.ledger.Entries(context.Background(), e.id) {
		require.NoError(e, err)
		all = append(all, fmt.Sprintf("row %d %s %s", row.Row, row.Payment, row.PaymentCode))
	}
	notes, err := e.store.EventNotes(context.Background(), e.id)
	require.NoError(e, err)
	for _, n := range notes {
		all = append(all, fmt.Sprintf("%s %s %d: %s %s", n.Account, n.Event, n.Row, n.Kind, n.Sentence))
	}
	for _, account := range []string{"acct_one", "acct_source"} {
		events, err := e.store.EventsAfter(context.Background(), store.EventAccount{Account: account}, 0, 10000)
		require.NoError(e, err)
		slices.SortFunc(events, func(a, b store.Event) int { return strings.Compare(a.ID, b.ID) })
		for _, v := range events {
			all = append(all, v.ID+" "+v.Type+" "+string(v.State))
		}
	}
	return all
}

// sourceEvent is an event about the subscription that a row comes from.
func sourceEvent(n int, kind, object, before string) string {
	if before != "" {
		before = `, "previous_attributes": {` + before + `}`
	}
	return fmt.Sprintf(`{"id": "evt_source%d", "object": "event", "type": "customer.subscription.%s", "created": %d, "livemode": false, "api_version": "2025-03-31.basil",
		"request": {"id": null, "idempotency_key": null}, "data": {"object": {"object": "subscription", %s}%s}}`, n, kind, today.Unix()+int64(n), object, before)
}

// sourceEvents are what happens in the source account.
func sourceEvents() []string {
	return []string{
		sourceEvent(1, "updated", `"id": "sub_old1", "status": "active", "current_period_end": 1806573600`, `"current_period_end": 1803895200, "current_period_start": 1801476000`),
		sourceEvent(2, "updated", `"id": "sub_old1", "status": "active", "cancel_at_period_end": true, "current_period_end": 1806573600`, `"cancel_at_period_end": false`),
		sourceEvent(3, "updated", `"id": "sub_old1", "status": "active", "cancel_at_period_end": false, "current_period_end": 1806573600`, `"cancel_at_period_end": true`),
		sourceEvent(4, "deleted", `"id": "sub_old1", "status": "canceled"`, ""),
		sourceEvent(5, "updated", `"id": "sub_old2", "status": "active", "items": {"data": [{"id": "si_1", "quantity": 3, "current_period_end": 1806573600}]}`, `"items": {"data": [{"id": "si_1", "quantity": 2, "current_period_end": 1806573600}]}, "quantity": 2`),
		sourceEvent(6, "updated", `"id": "sub_stranger", "status": "active", "cancel_at_period_end": true`, `"cancel_at_period_end": false`),
		sourceEvent(7, "deleted", `"id": "sub_old3", "status": "canceled"`, ""),
	}
}

// TestOrderAndRepetition: whatever the order of events, however often each comes and whenever they are applied, the end is
// the same, and is what the account says.
func TestOrderAndRepetition(t *testing.T) {
	live := func(t testing.TB, dir string) *env {
		e := newEnv(t, dir)
		e.deliver("acct_one", e.events()[0])
		e.apply()
		e.at(30 * time.Minute)
		return e
	}
	straight := live(t, t.TempDir())
	early := straight.events()
	for _, event := range early {
		straight.deliver("acct_one", event)
		straight.apply()
	}
	require.Contains(t, straight.state(), "row 2 draft ")
	straight.at(3 * time.Hour)
	for _, event := range straight.events() {
		straight.deliver("acct_one", event)
		straight.apply()
	}
	for _, event := range sourceEvents() {
		straight.deliver("acct_source", event)
		straight.apply()
	}
	want := straight.state()
	require.Equal(t, []string{"row 1 failed generic_decline", "row 2 paid ", "row 3 missing_payment_method ", "row 4 paid ", "row 5 failed generic_decline"}, want[:5])
	result, err := monitor.New(monitor.Config{Migrator: straight.m, Reader: straight, Ledger: ledger.NewMemory(), Clock: straight.clock}).Look(t.Context(), straight.id)
	require.ErrorIs(t, err, ledger.ErrNotFound)
	require.Nil(t, result)
	result, err = monitor.New(monitor.Config{Migrator: straight.m, Reader: straight, Ledger: straight.ledger, Clock: straight.clock}).Look(t.Context(), straight.id)
	require.NoError(t, err)
	for _, l := range result.Lines {
		require.Contains(t, want, fmt.Sprintf("row %d %s %s", l.Row, l.State, l.DeclineCode), "monitor sees the same")
	}

	seeds := 8
	if os.Getenv("SUBFERRY_SOAK") != "" {
		seeds = 500
	}
	for seed := range seeds {
		draw := rand.New(rand.NewPCG(uint64(seed), 4711))
		e := live(t, t.TempDir())
		for range draw.IntN(10) {
			e.deliver("acct_one", early[draw.IntN(len(early))])
			if draw.IntN(2) == 0 {
				e.apply()
			}
		}
		e.at(3 * time.Hour)
		type sent struct{ account, event string }
		var all []sent
		for _, event := range e.events() {
			all = append(all, sent{"acct_one", event})
		}
		for _, event := range sourceEvents() {
			all = append(all, sent{"acct_source", event})
		}
		for range 20 {
			all = append(all, all[draw.IntN(len(all))])
		}
		draw.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, one := range all {
			e.deliver(one.account, one.event)
			if draw.IntN(10) == 0 {
				e.apply()
			}
		}
		e.apply()
		require.Equal(t, want, e.state(), "seed %d", seed)
	}
}

// TestSourceNotes: what somebody has done to a source subscription is noted with the row, in words.
func TestSourceNotes(t *testing.T) {
	tag := func(e *env, row int) string {
		return fmt.Sprintf(`"metadata": {"subferry_cutover": "%s/%d period_end"}`, e.id, row)
	}
	for name, c := range map[string]struct {
		event func(e *env) string
		kind  string
		say   string
	}{
		"ended": {func(*env) string { return sourceEvent(1, "deleted", `"id": "sub_old1", "status": "canceled"`, "") }, "ended", "was ended on 1 Mar 2027 09:00 UTC, and not by a cutover"},
		"ended by the cutover": {func(e *env) string {
			return sourceEvent(1, "deleted", `"id": "sub_old1", "status": "canceled", `+tag(e, 1), "")
		}, "", ""},
		"ended, marked for another row": {func(e *env) string {
			return sourceEvent(1, "deleted", `"id": "sub_old1", "status": "canceled", `+tag(e, 2), "")
		}, "ended", "not by a cutover"},
		"stopped by the cutover": {func(e *env) string {
			return strings.Replace(sourceEvent(1, "updated", `"id": "sub_old1", "cancel_at_period_end": true`, `"cancel_at_period_end": false`), `"idempotency_key": null`, `"idempotency_key": "subferry_abc"`, 1)
		}, "", ""},
		"set to end": {func(*env) string {
			return sourceEvent(1, "updated", `"id": "sub_old1", "cancel_at_period_end": true, "current_period_end": 1806573600`, `"cancel_at_period_end": false`)
		}, "stopped", "was set to end on 1 Apr 2027"},
		"set to end at a moment": {func(*env) string {
			return sourceEvent(1, "updated", `"id": "sub_old1", "cancel_at": 1804000000, "current_period_end": 1806573600`, `"cancel_at": null`)
		}, "stopped", "was set to end on 2 Mar 2027"},
		"goes on": {func(*env) string {
			return sourceEvent(1, "updated", `"id": "sub_old1", "cancel_at": null, "cancel_at_period_end": false`, `"cancel_at": 1804000000`)
		}, "goes_on", "will not end any more"},
		"not collected": {func(*env) string {
			return sourceEvent(1, "updated", `"id": "sub_old1", "pause_collection": {"behavior": "void"}`, `"pause_collection": null`)
		}, "stopped", "is not collected any more (void)"},
		"collected again": {func(*env) string {
			return sourceEvent(1, "updated", `"id": "sub_old1", "pause_collection": null`, `"pause_collection": {"behavior": "void"}`)
		}, "goes_on", "is collected again"},
		"paused":  {func(*env) string { return sourceEvent(1, "paused", `"id": "sub_old1", "status": "paused"`, "") }, "stopped", "was paused"},
		"resumed": {func(*env) string { return sourceEvent(1, "resumed", `"id": "sub_old1", "status": "active"`, "") }, "goes_on", "was resumed"},
		"renewed, older versions": {func(*env) string {
			return sourceEvent(1, "updated", `"id": "sub_old1", "current_period_end": 1806573600`, `"current_period_end": 1803895200, "latest_invoice": "in_1"`)
		}, "renewed", "is paid until 1 Apr 2027"},
		"renewed, newer versions": {func(*env) string {
			return sourceEvent(1, "updated", `"id": "sub_old1", "items": {"data": [{"id": "si_1", "quantity": 1, "current_period_end": 1806573600}]}`,
				`"items": {"data": [{"id": "si_1", "quantity": 1, "current_period_end": 1803895200}]}`)
		}, "renewed", "is paid until 1 Apr 2027"},
		"renewed, told in part": {func(*env) string {
			return sourceEvent(1, "updated", `"id": "sub_old1", "items": {"data": [{"id": "si_1", "current_period_end": 1806573600, "current_period_start": 1803895200}]}`,
				`"items": {"data": [{"current_period_end": 1803895200, "current_period_start": 1801476000}]}`)
		}, "renewed", "is paid until 1 Apr 2027"},
		"one item more": {func(*env) string {
			return sourceEvent(1, "updated", `"id": "sub_old1", "items": {"data": [{"id": "si_1"}, {"id": "si_2"}]}`, `"items": {"data": [{"id": "si_1"}]}`)
		}, "changed", "has other terms (items): migrate verify compares"},
		"a discount and a renewal": {func(*env) string {
			return sourceEvent(1, "updated", `"id": "sub_old1", "discounts": ["di_1"], "current_period_end": 1806573600`, `"discounts": [], "current_period_end": 1803895200`)
		}, "changed", "has other terms (discounts): migrate verify compares them with the row; it has begun a new period"},
		"metadata only":     {func(*env) string { return sourceEvent(1, "updated", `"id": "sub_old1"`, `"metadata": {"a": "b"}`) }, "", ""},
		"a trial ends soon": {func(*env) string { return sourceEvent(1, "trial_will_end", `"id": "sub_old1"`, "") }, "", ""},
		"another's":         {func(*env) string { return sourceEvent(1, "deleted", `"id": "sub_stranger"`, "") }, "", ""},
		"an odd shape": {func(*env) string {
			return sourceEvent(1, "updated", `"id": "sub_old1", "items": 7, "pause_collection": "yes"`, `"pause_collection": 1, "items": null`)
		}, "changed", "the event's form is not known here"},
		"not a subscription": {func(*env) string {
			return strings.Replace(sourceEvent(1, "deleted", `"id": "sub_old1"`, ""), `"object": "subscription"`, `"object": 3`, 1)
		}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, t.TempDir())
			e.deliver("acct_source", c.event(e))
			e.apply()
			notes, err := e.store.EventNotes(t.Context(), e.id)
			require.NoError(t, err)
			if c.kind == "" {
				require.Empty(t, notes)
				return
			}
			require.Len(t, notes, 1)
			require.Equal(t, c.kind, notes[0].Kind, notes[0].Sentence)
			require.Contains(t, notes[0].Sentence, c.say)
			require.EqualValues(t, 1, notes[0].Row)
			require.EqualValues(t, 2, notes[0].Line)
			require.Equal(t, "sub_old1", notes[0].Subject)
		})
	}
}

// invoiceEvent is an event about the first invoice of row 2, in the shape of an API version.
func (e *env) invoiceEvent(shape func(subscription, tag string) string) string {
	live := ""
	for _, event := range e.events() {
		if strings.Contains(event, `"type":"customer.subscription.created"`) && strings.Contains(event, e.id+"/2") {
			var head struct {
				Data struct{ Object struct{ ID string } }
			}
			require.NoError(e, json.Unmarshal([]byte(event), &head))
			live = head.Data.Object.ID
		}
	}
	require.NotEmpty(e, live)
	return `{"id": "evt_shape", "object": "event", "type": "invoice.paid", "created": ` + fmt.Sprint(e.clock.Now().Unix()) + `, "livemode": false, "data": {"object": {"object": "invoice", "id": "in_x", ` +
		shape(live, e.id+"/2") + `}}}`
}

// TestShapes: the row of an invoice is found in the shapes of all API versions, with a look-up where the event does not say.
func TestShapes(t *testing.T) {
	for name, c := range map[string]struct {
		shape func(subscription, tag string) string
		found bool
	}{
		"2020":           {func(s, _ string) string { return `"subscription": "` + s + `"` }, true},
		"2020, expanded": {func(s, _ string) string { return `"subscription": {"id": "` + s + `", "object": "subscription"}` }, true},
		"2023-10-16": {func(s, tag string) string {
			return `"subscription": "` + s + `", "subscription_details": {"metadata": {"subferry": "` + tag + `"}}`
		}, true},
		"2025-03-31": {func(s, tag string) string {
			return `"parent": {"type": "subscription_details", "subscription_details": {"subscription": "` + s + `", "metadata": {"subferry": "` + tag + `"}}}`
		}, true},
		"2025-03-31, no metadata": {func(s, _ string) string {
			return `"parent": {"type": "subscription_details", "subscription_details": {"subscription": "` + s + `", "metadata": null}}`
		}, true},
		"2025-03-31, quote": {func(_, _ string) string {
			return `"parent": {"type": "quote_details", "quote_details": {"quote": "qt_1"}, "subscription_details": null}`
		}, false},
		"of no subscription":     {func(_, _ string) string { return `"subscription": null` }, false},
		"of a subscription gone": {func(_, _ string) string { return `"subscription": "sub_gone"` }, false},
		"of an unknown migration": {func(s, _ string) string {
			return `"subscription": "` + s + `", "subscription_details": {"metadata": {"subferry": "mig_other/2"}}`
		}, false},
		"a tag that is none": {func(_, _ string) string {
			return `"subscription": null, "subscription_details": {"metadata": {"subferry": "2"}}`
		}, false},
		"a row that is none": {func(s, tag string) string {
			return `"subscription": "` + s + `", "subscription_details": {"metadata": {"subferry": "` + tag + `999"}}`
		}, true},
		"fields of another kind":   {func(_, _ string) string { return `"subscription": 7, "parent": "yes"` }, false},
		"details of another shape": {func(_, _ string) string { return `"subscription_details": [1, 2]` }, false},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, t.TempDir())
			e.at(3 * time.Hour)
			e.deliver("acct_one", e.invoiceEvent(c.shape))
			e.apply()
			events, err := e.store.EventsAfter(t.Context(), e.here, 0, 10)
			require.NoError(t, err)
			require.Equal(t, map[bool]store.EventState{true: store.EventApplied, false: store.EventLeft}[c.found], events[0].State, events[0].Note)
			require.NotEmpty(t, events[0].Note)
			if c.found && name != "a row that is none" {
				require.Contains(t, e.state(), "row 2 paid ")
				require.Contains(t, events[0].Note, "row 2 of "+e.id+": paid")
			}
			require.Contains(t, e.state(), "row 1  ", "nobody has looked at the others")
		})
	}
}

// TestSettledRowsAreNotRead: renewals of later months cost no requests.
func TestSettledRowsAreNotRead(t *testing.T) {
	e := newEnv(t, t.TempDir())
	e.at(3 * time.Hour)
	event := e.invoiceEvent(func(s, tag string) string { return `"subscription_details": {"metadata": {"subferry": "` + tag + `"}}` })
	e.deliver("acct_one", event)
	e.apply()
	require.NotZero(t, e.reads)
	e.reads = 0
	e.deliver("acct_one", strings.Replace(event, "evt_shape", "evt_later", 1))
	e.apply()
	require.Zero(t, e.reads)
}

// TestAccountAway: events wait until the account answers, and none is lost.
func TestAccountAway(t *testing.T) {
	e := newEnv(t, t.TempDir())
	e.at(3 * time.Hour)
	for _, event := range e.events() {
		e.deliver("acct_one", event)
	}
	e.failing = &migrate.StripeError{Status: 401, Message: "the key was rolled"}
	require.ErrorContains(t, e.applier.Apply(t.Context(), e.here), "the key was rolled")
	waiting, err := e.store.WaitingAccounts(t.Context())
	require.NoError(t, err)
	require.Equal(t, []store.EventAccount{e.here}, waiting)
	e.failing = nil
	e.apply()
	waiting, err = e.store.WaitingAccounts(t.Context())
	require.NoError(t, err)
	require.Empty(t, waiting)
	require.Contains(t, e.state(), "row 4 paid ")
}

// TestOneAppliesAtATime: who was taken for dead does not go on with what he has read.
func TestOneAppliesAtATime(t *testing.T) {
	e := newEnv(t, t.TempDir())
	e.deliver("acct_one", e.events()[0])
	mine, err := e.store.HoldEvents(t.Context(), e.here, "another", time.Minute)
	require.NoError(t, err)
	require.True(t, mine)
	require.ErrorIs(t, e.applier.Apply(t.Context(), e.here), webhooks.ErrHeld)
	e.clock.to(e.clock.Now().Add(2 * time.Minute))
	require.NoError(t, e.applier.Apply(t.Context(), e.here))
	mine, err = e.store.HoldEvents(t.Context(), e.here, "another", time.Minute)
	require.NoError(t, err)
	require.True(t, mine, "it was left")
}

// TestSandboxWebhooks: the sandbox sends its webhooks to the handler, as Stripe does.
func TestSandboxWebhooks(t *testing.T) {
	r := newReceiver(t, t.TempDir())
	server := &http.Client{Transport: transport(func(request *http.Request) *http.Response {
		body, _ := io.ReadAll(request.Body)
		status, answer := r.send(request.URL.Path, string(body), request.Header.Get("Stripe-Signature"))
		return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(answer)), Header: http.Header{}}
	})}
	box, err := sandbox.Open(sandbox.Options{Now: r.clock.Now, Seed: "x", Webhook: sandbox.Webhook{URL: "http://localhost" + webhooks.Path + "acct_one", Secret: newer, Client: server}})
	require.NoError(t, err)
	request, err := http.NewRequest(http.MethodPost, "http://127.0.0.1/v1/customers", strings.NewReader("name=A"))
	require.NoError(t, err)
	request.SetBasicAuth("sk_test_tests", "")
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	_, err = box.Transport().RoundTrip(request)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return len(r.stored("acct_one")) == 1 }, 10*time.Second, 10*time.Millisecond)
	require.NoError(t, box.Close())
}

type transport func(*http.Request) *http.Response

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r), nil }

package cli

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/serve/store"
)

// hook sends an event as Stripe does, and returns the status.
func hook(t *testing.T, address, account, secret, event string) int {
	stamp := fmt.Sprint(time.Now().Unix())
	mac := hmac.New(sha256.New, []byte(secret))
	io.WriteString(mac, stamp+"."+event)
	r, err := http.NewRequest(http.MethodPost, address+"/webhooks/stripe/"+account, strings.NewReader(event))
	require.NoError(t, err)
	r.Header.Set("Stripe-Signature", "t="+stamp+",v1="+hex.EncodeToString(mac.Sum(nil)))
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	return answer.StatusCode
}

// TestServiceTakesWebhooksAndRunsSchedules: a service is told by webhooks what happens, a job applies it, the commands show
// it, and what is due is run.
func TestServiceTakesWebhooksAndRunsSchedules(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data, keys := filepath.Join(dir, "account.json"), filepath.Join(dir, "keys")
	require.NoError(t, os.Mkdir(keys, 0o700))
	write := func(name, text string) { require.NoError(t, os.WriteFile(name, []byte(text), 0o600)) }
	write(data, `{"account": {"id": "acct_new"}, "products": [{"id": "prod_A", "name": "A"}],
		"prices": [{"id": "price_m", "product": "prod_A", "currency": "usd", "unit_amount": 1000, "recurring": {"interval": "month"}}],
		"customers": [{"id": "cus_1", "invoice_settings": {"default_payment_method": "pm_card_visa"}}]}`)
	file := filepath.Join(dir, "subs.csv")
	write(file, fmt.Sprintf("customer,start_date,price,metadata.old_Stripe_sub_id\ncus_1,%d,price_m,sub_old\n", time.Now().AddDate(0, 0, 20).Unix()))
	write(filepath.Join(keys, "acct_new"), "sk_test_any")
	write(filepath.Join(keys, "acct_old.test.whsec"), "whsec_of_the_old_one\n")
	box, _ := newProgram(t).serve("--sandbox-data", data)

	p := newProgram(t, keyVariable+"=sk_test_any")
	out, said, code := p.output("run", "--sandbox", "--yes", "--api-base", box, file, "-o", "json")
	require.Equal(t, ExitDone, code, said)
	id := out[strings.Index(out, "mig_"):][:24]
	kept, err := store.Open(t.Context(), p.state)
	require.NoError(t, err)
	before := csvspec.At(time.Now().Add(-10 * time.Minute))
	require.NoError(t, kept.CreateSchedule(t.Context(), store.Schedule{Name: "minutely", Expression: "* * * * *", Zone: "UTC",
		Args: []string{"list", "-o", "json"}, Dir: dir, CreatedAt: before}))
	require.NoError(t, kept.Close())

	printed, server, _ := p.pages("--keys", keys, "--api-base", box, "--sandbox")
	address, _, _ := strings.Cut(printed, "/login")
	event := `{"id": "evt_1", "object": "event", "type": "customer.subscription.deleted", "created": 1803895200, "livemode": false, "api_version": "2026-10-28.x",
		"data": {"object": {"id": "sub_old", "object": "subscription", "status": "canceled"}}}`
	require.Equal(t, http.StatusBadRequest, hook(t, address, "acct_old", "whsec_forged", event))
	require.Equal(t, http.StatusNotFound, hook(t, address, "acct_new", "whsec_of_the_old_one", event), "no secret is known for it")
	require.Equal(t, http.StatusOK, hook(t, address, "acct_old", "whsec_of_the_old_one", event))
	require.Equal(t, http.StatusOK, hook(t, address, "acct_old", "whsec_of_the_old_one", event))

	require.Eventually(t, func() bool {
		out, _, _ := p.output("status", "--who-bills", "--api-base", box, id)
		return strings.Contains(out, "line 2 (row 1), sub_old: ended\n  The source subscription was ended on 1 Mar 2027")
	}, 60*time.Second, time.Second)
	out, said, code = p.output("status", "--who-bills", "--api-base", box, id, "-o", "json")
	require.Equal(t, ExitDone, code, said)
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
	require.NoError(t, err)
	require.NoError(t, schemas(t)["who-bills"].Validate(doc))
	require.Contains(t, out, `"event": "evt_1"`)

	events := filepath.Join(dir, "events")
	out, said, code = p.output("export", "events", "--from-webhooks", "--out", events)
	require.Equal(t, ExitDone, code, said)
	require.Contains(t, out, "1 new")
	out, said, code = p.output("export", "events", "--from-webhooks", "--out", events, "--format", "csv", "-o", "json")
	require.Equal(t, ExitDone, code, said)
	require.Contains(t, out, `"added": 0`)

	require.Eventually(t, func() bool {
		out, _, _ := p.output("schedule", "runs", "minutely", "--show-output")
		return strings.Contains(out, " done ") && strings.Contains(out, "missed 9 since ") && strings.Contains(out, id)
	}, 90*time.Second, time.Second) // the next minute may be 60 seconds away, and the run takes a moment
	signals(t)
	require.NoError(t, server.Process.Signal(os.Interrupt))
	require.NoError(t, server.Wait())
}

// TestReconcileReadsWebhooks: an error report that a webhook has brought counts as one that was asked for; one that comes
// without its content is said.
func TestReconcileReadsWebhooks(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	file := filepath.Join(t.TempDir(), "usage.csv")
	require.NoError(t, os.WriteFile(file, []byte("identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,2027-03-10T11:00:00Z,api_calls,cus_A,1\n"), 0o600))
	out, said, code := p.output("usage", "run", "--sandbox", "--now", "2027-03-10T12:00:00Z", "-o", "json", file)
	require.Equal(t, ExitDone, code, said)
	var run struct{ ID, Account string }
	require.NoError(t, json.Unmarshal([]byte(out), &run))
	out, said, code = p.output("usage", "reconcile", "--now", "2027-03-10T13:00:00Z", run.ID)
	require.Equal(t, ExitDone, code, said+out)
	_, err := os.Stat(filepath.Join(p.state, store.Name))
	require.ErrorIs(t, err, os.ErrNotExist, "reading makes no service")

	kept, err := store.Open(t.Context(), p.state)
	require.NoError(t, err)
	at, err := time.Parse(time.RFC3339, "2027-03-10T12:30:00Z")
	require.NoError(t, err)
	for id, data := range map[string]string{
		"evt_full": `, "data": {"reason": {"error_types": [{"code": "meter_event_customer_not_found", "error_count": 1, "sample_errors": [{"error_message": "No such customer", "request": {"identifier": "use-1"}}]}]}}`,
		"evt_thin": ``,
	} {
		_, err := kept.PutEvent(t.Context(), store.Event{EventAccount: store.EventAccount{Account: run.Account}, ID: id, Type: "v1.billing.meter.error_report_triggered", Created: csvspec.At(at),
			Raw: []byte(`{"id": "` + id + `", "object": "v2.core.event", "type": "v1.billing.meter.error_report_triggered", "created": "2027-03-10T12:30:00Z", "livemode": false` + data + `}`)})
		require.NoError(t, err)
	}
	require.NoError(t, kept.Close())
	out, said, code = p.output("usage", "reconcile", "--now", "2027-03-10T13:00:00Z", run.ID)
	require.Equal(t, ExitDifferent, code, said)
	require.Contains(t, out, "meter_event_customer_not_found: 1 events were dropped (evt_full)")
	require.Contains(t, out, "line 2, use-1: No such customer")
	require.Contains(t, said, "evt_thin")
}

package monitor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/monitor"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/validate"
)

var today = time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)

type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }
func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.now = c.now.Add(d)
	return ctx.Err()
}

type env struct {
	*testing.T
	clock  *clock
	box    *sandbox.Server
	ledger *ledger.Memory
	m      *migrate.Migrator
	gw     *gateway.Gateway
	change func(text string) string // of what is read
	id     string
}

// newEnv migrates rows that start on the tenth day.
func newEnv(t *testing.T, columns string, rows ...string) *env {
	e := &env{T: t, clock: &clock{today}, ledger: ledger.NewMemory(), change: func(s string) string { return s }}
	var err error
	e.box, err = sandbox.Open(sandbox.Options{Now: e.clock.Now, Seed: "monitor"})
	require.NoError(t, err)
	t.Cleanup(func() { e.box.Close() })
	var customers []string
	file := "customer,start_date,price" + columns + "\n"
	for i, row := range rows {
		card := `, "invoice_settings": {"default_payment_method": "pm_card_visa"}`
		if strings.Contains(row, "FAIL") {
			card = `, "invoice_settings": {"default_payment_method": "pm_card_chargeCustomerFail"}`
		}
		if strings.Contains(row, "NONE") {
			card = ""
		}
		row = strings.NewReplacer("FAIL", "", "NONE", "").Replace(row)
		customers = append(customers, fmt.Sprintf(`{"id": "cus_%d", "email": "a@example.com"%s}`, i+1, card))
		file += fmt.Sprintf("cus_%d,%d,price_A%s\n", i+1, today.AddDate(0, 0, 10).Unix(), row)
	}
	require.NoError(t, e.box.Load(strings.NewReader(`{"products": [{"id": "prod_A", "name": "A"}], "prices": [{"id": "price_A", "product": "prod_A",
		"currency": "usd", "unit_amount": 1000, "recurring": {"interval": "month"}}], "customers": [`+strings.Join(customers, ",")+`]}`)))
	key, err := gateway.NewKey("sk_test_tests")
	require.NoError(t, err)
	e.gw, err = gateway.New(gateway.Config{Key: key, BaseURL: "http://127.0.0.1", HTTP: e.box.Transport()})
	require.NoError(t, err)
	e.m, err = migrate.New(migrate.Config{Gateway: e.gw, Ledger: e.ledger, Clock: e.clock, Workers: 1})
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "subs.csv")
	require.NoError(t, os.WriteFile(path, []byte(file), 0o600))
	review, err := e.m.Review(context.Background(), migrate.FileInput(path), migrate.Options{Unit: csvspec.UnitMinor, Lead: validate.LiveLead})
	require.NoError(t, err)
	s, err := e.m.Run(context.Background(), review, migrate.RunOptions{})
	require.NoError(t, err)
	e.id = s.ID
	return e
}

// Read implements standing.Reader.
func (e *env) Read(ctx context.Context, path string, query url.Values) (json.RawMessage, error) {
	raw, err := e.gw.Read(ctx, path, query)
	return json.RawMessage(e.change(string(raw))), err
}

func (e *env) look() *monitor.Result {
	e.Helper()
	r, err := monitor.New(monitor.Config{Migrator: e.m, Reader: e, Ledger: e.ledger, Clock: e.clock}).Look(context.Background(), e.id)
	require.NoError(e, err)
	return r
}

func (e *env) post(path string, pairs ...string) {
	e.Helper()
	values := url.Values{}
	for _, one := range pairs {
		name, value, _ := strings.Cut(one, "=")
		values.Add(name, value)
	}
	r, err := http.NewRequest(http.MethodPost, "http://127.0.0.1"+path, strings.NewReader(values.Encode()))
	require.NoError(e, err)
	r.SetBasicAuth("sk_test_tests", "")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := e.box.Transport().RoundTrip(r)
	require.NoError(e, err)
	text, err := io.ReadAll(res.Body)
	require.NoError(e, err)
	require.Equal(e, 200, res.StatusCode, string(text))
}

// at is a moment after go-live.
func (e *env) at(d time.Duration) { e.clock.now = today.AddDate(0, 0, 10).Add(d) }

func replaced(old, with string) func(string) string {
	return func(text string) string { return strings.ReplaceAll(text, old, with) }
}

// TestStates: each state of a first invoice, with a sentence for people who do not know the API.
func TestStates(t *testing.T) {
	for name, c := range map[string]struct {
		columns, row string
		arrange      func(*env)
		state        monitor.State
		code         string
		again        bool
		sentence     string
	}{
		"not live": {state: monitor.NotLive, sentence: "It starts on 11 Mar 2027 09:00 UTC."},
		"draft":    {arrange: func(e *env) { e.at(30 * time.Minute) }, state: monitor.Draft, sentence: "about an hour after it was made"},
		"paid":     {arrange: func(e *env) { e.at(2 * time.Hour) }, state: monitor.Paid, sentence: "Paid."},
		"paid first, later ones do not count": {arrange: func(e *env) {
			e.at(2 * time.Hour)
			e.look()
			e.post("/v1/customers/cus_1", "balance=1")
			e.at(32 * 24 * time.Hour)
		}, state: monitor.Paid, sentence: "Paid."},
		"declined": {row: "FAIL", arrange: func(e *env) { e.at(2 * time.Hour) }, state: monitor.Failed, code: "generic_decline", again: true,
			sentence: "10.00 USD were declined (generic_decline). It may work later, and Stripe does not try again by itself"},
		"declined, and tried again": {row: "FAIL", arrange: func(e *env) {
			e.at(2 * time.Hour)
			e.change = replaced(`"next_payment_attempt":null`, `"next_payment_attempt":1805100000`)
		}, state: monitor.Failed, code: "generic_decline", again: true, sentence: "Stripe tries again on 15 Mar 2027"},
		"stolen": {row: "FAIL", arrange: func(e *env) { e.at(2 * time.Hour); e.change = replaced("generic_decline", "stolen_card") },
			state: monitor.Failed, code: "stolen_card", sentence: "trying again does not help: the customer has to give another card"},
		"insufficient": {row: "FAIL", arrange: func(e *env) { e.at(2 * time.Hour); e.change = replaced("generic_decline", "insufficient_funds") },
			state: monitor.Failed, code: "insufficient_funds", again: true, sentence: "It may work later"},
		"3D Secure": {row: "FAIL", arrange: func(e *env) {
			e.at(2 * time.Hour)
			e.change = replaced("requires_payment_method", "requires_action")
		}, state: monitor.Failed, code: "authentication_required", sentence: "has to approve the payment"},
		"withdrawn": {row: "FAIL", arrange: func(e *env) {
			e.at(2 * time.Hour)
			e.change = replaced("generic_decline", "revocation_of_authorization")
		},
			state: monitor.Failed, code: "revocation_of_authorization", sentence: "withdrawn the permission"},
		"fraud": {row: "FAIL", arrange: func(e *env) { e.at(2 * time.Hour); e.change = replaced("generic_decline", "highest_risk_level") },
			state: monitor.Failed, code: "highest_risk_level", sentence: "fraud protection"},
		"no card": {row: "NONE", arrange: func(e *env) { e.at(2 * time.Hour) }, state: monitor.MissingMethod, sentence: "has no payment method"},
		"nobody knows why": {row: "NONE", arrange: func(e *env) {
			e.at(2 * time.Hour)
			e.change = replaced(`"default_payment_method":null`, `"default_payment_method":"pm_1"`)
		}, state: monitor.PastDue, sentence: "Stripe does not say why"},
		"sent":     {columns: ",collection_method,days_until_due", row: ",send_invoice,7", arrange: func(e *env) { e.at(2 * time.Hour) }, state: monitor.Open, sentence: "were sent to be paid by 18 Mar 2027"},
		"past due": {columns: ",collection_method,days_until_due", row: ",send_invoice,7", arrange: func(e *env) { e.at(8 * 24 * time.Hour) }, state: monitor.PastDue, sentence: "remind the customer"},
		"void":     {arrange: func(e *env) { e.at(2 * time.Hour); e.change = replaced(`"status":"paid"`, `"status":"void"`) }, state: monitor.Void, sentence: "nobody pays it"},
		"written off": {arrange: func(e *env) { e.at(2 * time.Hour); e.change = replaced(`"status":"paid"`, `"status":"uncollectible"`) },
			state: monitor.Uncollectible, sentence: "written off"},
		"waits": {arrange: func(e *env) {
			e.at(2 * time.Hour)
			e.change = func(s string) string {
				return replaced(`"attempted":true`, `"attempted":false`)(replaced(`"status":"paid"`, `"status":"open"`)(s))
			}
		}, state: monitor.Open, sentence: "wait to be charged"},
		"in trial":       {columns: ",trial_end", row: fmt.Sprintf(",%d", today.AddDate(0, 0, 20).Unix()), arrange: func(e *env) { e.at(2 * time.Hour) }, state: monitor.NoneYet, sentence: "charges on 21 Mar 2027 09:00 UTC for the first time"},
		"never":          {columns: ",trial_end,cancel_at_period_end", row: fmt.Sprintf(",%d,true", today.AddDate(0, 0, 20).Unix()), arrange: func(e *env) { e.at(2 * time.Hour) }, state: monitor.NoneYet, sentence: "will not charge: it ends on 21 Mar 2027"},
		"ended as asked": {columns: ",trial_end,cancel_at_period_end", row: fmt.Sprintf(",%d,true", today.AddDate(0, 0, 20).Unix()), arrange: func(e *env) { e.at(20 * 24 * time.Hour) }, state: monitor.NoneYet, sentence: "has ended as the row says, without a charge"},
		"paused by somebody": {columns: ",trial_end", row: fmt.Sprintf(",%d", today.AddDate(0, 0, 20).Unix()), arrange: func(e *env) {
			e.at(2 * time.Hour)
			e.change = replaced(`"pause_collection":null`, `"pause_collection":{"behavior":"void","resumes_at":null}`)
		}, state: monitor.PastDue, sentence: "It is live, and does not charge (trialing)"},
		"ended by somebody": {columns: ",trial_end", row: fmt.Sprintf(",%d", today.AddDate(0, 0, 20).Unix()), arrange: func(e *env) {
			e.at(2 * time.Hour)
			e.change = replaced(`"cancel_at_period_end":false`, `"cancel_at_period_end":true`)
		}, state: monitor.Gone, sentence: "ends on 21 Mar 2027 09:00 UTC, and not because the row says so"},
		"canceled": {arrange: func(e *env) {
			_, err := e.m.Cancel(context.Background(), e.id, migrate.CancelOptions{})
			require.NoError(e, err)
		}, state: monitor.Gone, sentence: "canceled, or never created"},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, c.columns, c.row)
			if c.arrange != nil {
				c.arrange(e)
			}
			r := e.look()
			l := r.Lines[0]
			require.Equal(t, c.state, l.State, l.Sentence)
			require.Contains(t, l.Sentence, c.sentence)
			require.Equal(t, c.code, l.DeclineCode)
			require.Equal(t, c.code != "", l.Retryable != nil)
			if c.code != "" {
				require.Equal(t, c.again, *l.Retryable)
				require.Equal(t, []monitor.Decline{{Code: c.code, Rows: 1, Retryable: c.again}}, r.Declines)
			}
			require.EqualValues(t, 1, r.Counts[c.state])
			for kept, err := range e.ledger.Entries(context.Background(), e.id) {
				require.NoError(t, err)
				require.Equal(t, c.state, kept.Payment)
				require.Equal(t, c.code, kept.PaymentCode)
			}
			require.Len(t, r.Counts, len(monitor.States()))
			require.Equal(t, c.state.Problem(), r.Problems == 1)
			require.Equal(t, !c.state.Settled(), r.Waiting == 1)
		})
	}
}

// TestManyRows: counts first, what needs somebody first, and the same whether invoices are listed or asked for one by one.
func TestManyRows(t *testing.T) {
	e := newEnv(t, "", "", "FAIL", "", "FAIL", "")
	e.at(2 * time.Hour)
	r := e.look()
	require.EqualValues(t, 3, r.Counts[monitor.Paid])
	require.EqualValues(t, 2, r.Problems)
	require.Equal(t, []int64{2, 4, 1, 3, 5}, []int64{r.Lines[0].Row, r.Lines[1].Row, r.Lines[2].Row, r.Lines[3].Row, r.Lines[4].Row})

	var table, page bytes.Buffer
	require.NoError(t, r.WriteCSV(&table))
	require.Equal(t, 6, strings.Count(table.String(), "\n"))
	require.Contains(t, table.String(), ",failed,in_")
	require.Contains(t, table.String(), ",generic_decline,true,Your card was declined.,")
	require.NoError(t, r.WriteHTML(&page))
	for _, want := range []string{"<b>5</b> rows", "<b>3</b> paid", "<b>2</b> to look at", "generic_decline", "may help", "failed: 10.00 USD were declined"} {
		require.Contains(t, page.String(), want)
	}
	require.NotContains(t, page.String(), "<script")
}

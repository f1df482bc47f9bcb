package migrate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
)

// clock is a clock on which waiting takes no time: whoever sleeps moves it.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.advance(d)
	return ctx.Err()
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(max(d, 0))
}

// today is when the tests take place.
var today = time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)

// testEnv is everything outside the program: Stripe, the ledger's disk, the time. It survives the program's death.
type testEnv struct {
	t      testing.TB
	clock  *clock
	stripe *sandbox.Server
	ledger ledger.Ledger
	input  migrate.Input
	how    migrate.Options                   // with which run reads the input
	rows   int                               // of the input
	later  func(days int) []byte             // the input with later dates
	fault  func(*http.Request) sandbox.Fault // what goes wrong in Stripe or on the way; nil is nothing
}

func newTestEnv(t testing.TB, csv []byte) *testEnv {
	w := &testEnv{t: t, clock: &clock{now: today}, ledger: ledger.NewMemory(), input: bytesInput("subs.csv", csv),
		how: options, rows: mixedRows, later: moved}
	var err error
	w.stripe, err = sandbox.Open(sandbox.Options{Now: w.clock.Now, Seed: "tests", Fault: w.faultFor})
	require.NoError(t, err)
	t.Cleanup(func() { w.stripe.Close() })
	w.provision()
	return w
}

func (w *testEnv) faultFor(r *http.Request) sandbox.Fault {
	if w.fault == nil {
		return sandbox.Fault{}
	}
	return w.fault(r)
}

// provision makes every object exist that the file names, but for some customers.
func (w *testEnv) provision(missing ...string) {
	names, _, err := migrate.ReferencesIn(context.Background(), w.input, w.how, w.clock.Now())
	require.NoError(w.t, err)
	var wanted sandbox.Wanted
	for id := range names.Customers {
		if !slices.Contains(missing, id) {
			wanted.Customers = append(wanted.Customers, id)
		}
	}
	for id := range names.Products {
		wanted.Products = append(wanted.Products, id)
	}
	for id := range names.Coupons {
		wanted.Coupons = append(wanted.Coupons, id)
	}
	for id, use := range names.Prices {
		wanted.Prices = append(wanted.Prices, sandbox.WantedPrice{ID: id, Currency: use.Currency, Interval: "month"})
	}
	_, err = w.stripe.Provision(wanted)
	require.NoError(w.t, err)
}

func bytesInput(name string, content []byte) migrate.Input {
	return migrate.Input{Name: name, Open: func() (io.ReadSeekCloser, error) {
		return memoryFile{bytes.NewReader(content)}, nil
	}}
}

type memoryFile struct{ *bytes.Reader }

func (memoryFile) Close() error { return nil }

var options = migrate.Options{Unit: csvspec.UnitMinor, Lead: validate.LiveLead}

// process is one life of the program. It can die at any step, and after its death nothing that it does has an effect.
type process struct {
	*migrate.Migrator
	env   *testEnv
	crash *crashtest.Crash
}

func (w *testEnv) process(d *crashtest.Crash) *process { return w.processOn(w.stripe.Transport(), d) }

// processOn is a process that reaches Stripe over a wire of the test's own.
func (w *testEnv) processOn(wire http.RoundTripper, d *crashtest.Crash, config ...func(*migrate.Config)) *process {
	key, err := gateway.NewKey("sk_test_tests")
	require.NoError(w.t, err)
	gw, err := gateway.New(gateway.Config{Key: key, BaseURL: "http://127.0.0.1", HTTP: crashtest.Transport(wire, d)})
	require.NoError(w.t, err)
	c := migrate.Config{
		Gateway: gw, Ledger: crashtest.Ledger(w.ledger, d), Clock: w.clock, Workers: 1, Jitter: func() float64 { return 0.5 },
	}
	for _, change := range config {
		change(&c)
	}
	m, err := migrate.New(c)
	require.NoError(w.t, err)
	return &process{Migrator: m, env: w, crash: d}
}

// run reviews and runs the file, as the program does.
func (p *process) run(o migrate.RunOptions) (*migrate.Summary, error) { return p.runWith(p.env.how, o) }

func (p *process) runWith(how migrate.Options, o migrate.RunOptions) (*migrate.Summary, error) {
	ctx := context.Background()
	review, err := p.Review(ctx, p.env.input, how)
	if err != nil {
		return nil, err
	}
	return p.Run(ctx, review, o)
}

// schedules returns what Stripe has of a migration, or of all with "": the schedules by row, and how many there are in
// each status.
func (w *testEnv) schedules(migration string) (byRow map[string][]migrate.ScheduleState, byStatus map[string]int) {
	key, _ := gateway.NewKey("sk_test_tests")
	gw, err := gateway.New(gateway.Config{Key: key, BaseURL: "http://127.0.0.1", HTTP: w.stripe.Transport()})
	require.NoError(w.t, err)
	byRow, byStatus = map[string][]migrate.ScheduleState{}, map[string]int{}
	for f := (migrate.ScheduleFilter{}); ; {
		page, err := gw.Schedules(context.Background(), f)
		require.NoError(w.t, err)
		for _, s := range page.Schedules {
			f.After = s.ID
			if !strings.HasPrefix(s.Metadata[schedule.TagKey], migration) {
				continue
			}
			byRow[s.Metadata[schedule.TagKey]] = append(byRow[s.Metadata[schedule.TagKey]], s)
			byStatus[s.Status]++
		}
		if !page.More {
			return byRow, byStatus
		}
	}
}

// report returns what the ledger says of every row.
func (w *testEnv) report(migration string) (lines []migrate.ReportLine) {
	for line, err := range migrate.Report(context.Background(), w.ledger, migration) {
		require.NoError(w.t, err)
		lines = append(lines, line)
	}
	return lines
}

// exactlyOne requires that every line of the report has its one schedule, with the row's customer and start, or its one
// direct subscription, with the row's customer, and never both.
func (w *testEnv) exactlyOne(migration string, rows int) {
	w.t.Helper()
	byRow, _ := w.schedules(migration)
	directly := w.subscriptions(migration)
	lines := w.report(migration)
	require.Len(w.t, lines, rows)
	require.Equal(w.t, rows, len(byRow)+len(directly))
	for _, line := range lines {
		require.Equal(w.t, string(ledger.Scheduled), line.State, "row %d", line.Row)
		tag := fmt.Sprintf("%s/%d", migration, line.Row)
		if line.Direct {
			require.Empty(w.t, byRow[tag], "row %d", line.Row)
			require.Len(w.t, directly[tag], 1, "row %d", line.Row)
			require.Equal(w.t, line.SubscriptionID, directly[tag][0].ID)
			require.Equal(w.t, line.Customer, directly[tag][0].Customer)
			require.NotEqual(w.t, migrate.StatusCanceled, directly[tag][0].Status)
			require.Empty(w.t, line.ScheduleID)
			continue
		}
		require.Empty(w.t, directly[tag], "row %d", line.Row)
		require.Empty(w.t, line.SubscriptionID)
		made := byRow[tag]
		require.Len(w.t, made, 1, "row %d", line.Row)
		require.Equal(w.t, line.ScheduleID, made[0].ID)
		require.Equal(w.t, line.Customer, made[0].Customer)
		require.Equal(w.t, line.Start, made[0].StartDate)
	}
}

// parameters returns what each schedule is made of, by its tag: all that Stripe has of it but its ID and its age.
func (w *testEnv) parameters() map[string]map[string]any {
	list := w.get("/v1/subscription_schedules?limit=100")["data"].([]any)
	byTag := map[string]map[string]any{}
	for _, one := range list {
		created := one.(map[string]any)
		delete(created, "id")
		delete(created, "created")
		require.NotEmpty(w.t, created["phases"])
		byTag[created["metadata"].(map[string]any)[schedule.TagKey].(string)] = created
	}
	for tag, made := range w.subscriptions("") {
		require.Len(w.t, made, 1)
		all, created := w.get("/v1/subscriptions/"+made[0].ID), map[string]any{}
		for _, name := range []string{"customer", "status", "billing_cycle_anchor", "trial_end", "cancel_at", "currency", "collection_method", "metadata"} {
			created[name] = all[name] // the rest has the moment at which it was created in it
		}
		for _, one := range all["items"].(map[string]any)["data"].([]any) {
			item := one.(map[string]any)
			created[item["price"].(map[string]any)["id"].(string)] = item["quantity"]
		}
		byTag[tag] = created
	}
	return byTag
}

// post does by hand what somebody else does in the Dashboard.
func (w *testEnv) post(path string) { w.send(http.MethodPost, path) }

// get returns an object as Stripe has it.
func (w *testEnv) get(path string) map[string]any { return w.send(http.MethodGet, path) }

func (w *testEnv) send(method, path string) (object map[string]any) {
	r, err := http.NewRequest(method, "http://127.0.0.1"+path, nil)
	require.NoError(w.t, err)
	r.SetBasicAuth("sk_test_tests", "")
	response, err := w.stripe.Transport().RoundTrip(r)
	require.NoError(w.t, err)
	defer response.Body.Close()
	require.NoError(w.t, json.NewDecoder(response.Body).Decode(&object))
	require.Equal(w.t, http.StatusOK, response.StatusCode, "%v", object)
	return object
}

// forget deletes everything in the account, as one may in test mode.
func (w *testEnv) forget() {
	var err error
	w.stripe, err = sandbox.Open(sandbox.Options{Now: w.clock.Now, Seed: "tests", Fault: w.faultFor})
	require.NoError(w.t, err)
	w.t.Cleanup(func() { w.stripe.Close() })
}

// otherAccount replaces the account by another one.
func (w *testEnv) otherAccount() {
	var err error
	w.stripe, err = sandbox.Open(sandbox.Options{Now: w.clock.Now, Seed: "another"})
	require.NoError(w.t, err)
	w.t.Cleanup(func() { w.stripe.Close() })
}

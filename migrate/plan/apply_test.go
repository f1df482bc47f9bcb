package plan_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/plan"
	"github.com/subferry/subferry/migrate/sandbox"
)

// starting returns a file of monthly subscriptions that start so long after today.
func starting(after ...time.Duration) []byte {
	lines := []string{"customer,start_date,price,coupon"}
	for i, d := range after {
		lines = append(lines, fmt.Sprintf("cus_%02d,%d,price_monthly,FRIEND", i+1, today.Add(d).Unix()))
	}
	return []byte(strings.Join(lines, "\n") + "\n")
}

// apply applies a plan now.
func (w *world) apply(t *testing.T, p *plan.Plan) (*migrate.Review, error) {
	t.Helper()
	return p.Apply(t.Context(), w, w.input, w.config())
}

const days = 24 * time.Hour

func TestApplyRunsExactlyThePlan(t *testing.T) {
	// The second row is held back by the margin, and would no longer be if a run had none.
	w := newWorld(t, starting(10*days, 24*time.Hour+10*time.Minute, 30*time.Hour))
	p := w.plan(t, nil)
	require.EqualValues(t, 2, p.Rows.Planned)
	require.EqualValues(t, 1, p.Rows.Deferred)
	for _, later := range []time.Duration{0, time.Minute, 5 * time.Hour} {
		w.clock.advance(later)
		review, err := w.apply(t, p)
		require.NoError(t, err)
		require.EqualValues(t, 2, review.Ready)
	}
	review, err := w.apply(t, p)
	require.NoError(t, err)
	summary, err := w.Run(t.Context(), review, migrate.RunOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 2, summary.Scheduled)
}

func TestAStalePlanIsRefused(t *testing.T) {
	file := starting(10*days, 30*time.Hour)
	for name, c := range map[string]struct {
		change func(*testing.T, *world, *plan.Plan)
		want   error
		says   string
		sent   bool // requests to Stripe were needed to see it
	}{
		"edited file": {
			change: func(_ *testing.T, w *world, _ *plan.Plan) { w.input = bytesInput(append(file, '\n')) },
			want:   &plan.EditedError{}, says: "subs.csv has been edited since it was planned",
		},
		"another account": {
			change: func(t *testing.T, w *world, _ *plan.Plan) {
				w.Migrator = w.migrator(t, anotherAccount(t, w).Transport())
			},
			want: &plan.OtherAccountError{}, says: "use a key of the plan's account", sent: true,
		},
		"another account, which lacks the price": {
			change: func(t *testing.T, w *world, _ *plan.Plan) { w.Migrator = w.migrator(t, emptyAccount(t, w).Transport()) },
			want:   &plan.OtherAccountError{}, says: "use a key of the plan's account", sent: true,
		},
		"another mode": {
			change: func(_ *testing.T, _ *world, p *plan.Plan) { p.Account.Livemode = true },
			want:   &plan.OtherModeError{}, says: "(live mode), and the key is for", sent: true,
		},
		"another version of the API": {
			change: func(_ *testing.T, _ *world, p *plan.Plan) { p.APIVersion = "2025-03-31" },
			want:   &plan.OtherAPIError{}, says: "2025-03-31",
		},
		"a start that has come too close": {
			change: func(_ *testing.T, w *world, _ *plan.Plan) { w.clock.advance(6*time.Hour + time.Second) },
			want:   &plan.TooCloseError{}, says: "starts 2030-06-02 15:00:00 UTC, and now none may start before 2030-06-02 15:00:01 UTC",
		},
		"25 hours old": {
			change: func(_ *testing.T, w *world, _ *plan.Plan) { w.clock.advance(25 * time.Hour) },
			want:   &plan.TooOldError{}, says: "made 2030-06-01 09:00:00 UTC, which is more than 24 hours ago: make a new one",
		},
		"another price": {
			change: func(t *testing.T, w *world, _ *plan.Plan) { w.load(t, `"unit_amount": 1999`, `"unit_amount": 2999`) },
			want:   &plan.FactsChangedError{}, says: `price price_monthly was "19.99 USD (tax exclusive), 2800 JPY`, sent: true,
		},
		"another discount": {
			change: func(t *testing.T, w *world, _ *plan.Plan) { w.load(t, `"percent_off": 10`, `"percent_off": 90`) },
			want:   &plan.FactsChangedError{}, says: `coupon FRIEND was "10 % off, forever", is "90 % off, forever"; make a new plan`, sent: true,
		},
		"a customer with a credit": {
			change: func(t *testing.T, w *world, _ *plan.Plan) {
				w.load(t, `"id": "cus_01"`, `"id": "cus_01", "balance": -500`)
			},
			want: &plan.FactsChangedError{}, says: "customer cus_01", sent: true,
		},
		"an archived price": {
			change: func(t *testing.T, w *world, _ *plan.Plan) {
				w.load(t, `"id": "price_monthly"`, `"id": "price_monthly", "active": false`)
			},
			want: &plan.FactsChangedError{}, says: "archived", sent: true,
		},
		"a customer who cannot pay any more": {
			change: func(t *testing.T, w *world, _ *plan.Plan) {
				w.load(t, `"cus_01", "email": "jo@example.com", "address": {"country": "DE", "postal_code": "10115"}, "invoice_settings": {"default_payment_method": "pm_1"}`, `"cus_01"`)
			},
			want: &plan.FactsChangedError{}, says: "2 rows were planned, and 1 could be run now, because customers or other migrations have changed", sent: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, file)
			w.options.SkipInvalid, w.options.CheckCustomers = true, true
			p := w.plan(t, nil)
			w.requests.Store(0)
			c.change(t, w, p)
			_, err := w.apply(t, p)
			require.IsType(t, c.want, err)
			require.ErrorContains(t, err, c.says)
			require.Equal(t, c.sent, w.requests.Load() > 0)
			require.NotContains(t, w.methods(), "POST")
		})
	}
}

// Rows that have errors now, where the plan tolerated none, are told with the object that made them so.
func TestApplyExplainsAnInvalidFile(t *testing.T) {
	w := newWorld(t, starting(10*days))
	p := w.plan(t, nil)
	w.load(t, `"id": "FRIEND"`, `"valid": false, "id": "FRIEND"`)
	_, err := w.apply(t, p)
	var changed *plan.FactsChangedError
	require.ErrorAs(t, err, &changed)
	require.Equal(t, []plan.Change{{Object: "coupon FRIEND", Was: "10 % off, forever", Is: "10 % off, forever, no longer valid"}}, changed.Changes)
	var invalid *migrate.InvalidFileError
	require.ErrorAs(t, err, &invalid)
}

// A plan that is exactly as old as it may be is applied, and its first start may be exactly as close as it may.
func TestApplyAtTheLastMoment(t *testing.T) {
	w := newWorld(t, starting(48*time.Hour))
	p := w.plan(t, nil)
	w.clock.advance(24 * time.Hour)
	_, err := w.apply(t, p)
	require.NoError(t, err)
	w.clock.advance(time.Second)
	_, err = w.apply(t, p)
	require.ErrorAs(t, err, new(*plan.TooOldError))
}

// The clock goes on while the review reads: a row that falls behind meanwhile is never left out in silence.
func TestApplyNoticesARowThatFallsBehind(t *testing.T) {
	w := newWorld(t, starting(30*time.Hour))
	p := w.plan(t, nil)
	w.clock.advance(6 * time.Hour)
	_, err := p.Apply(t.Context(), slow{w}, w.input, w.config())
	require.ErrorAs(t, err, new(*plan.TooCloseError))
}

// slow takes a second before it reviews.
type slow struct{ *world }

func (s slow) Review(ctx context.Context, in migrate.Input, o migrate.Options) (*migrate.Review, error) {
	s.clock.advance(time.Second)
	return s.world.Review(ctx, in, o)
}

// load replaces objects of the account.
func (w *world) load(t *testing.T, what, with string) {
	t.Helper()
	account, err := os.ReadFile(filepath.Join("testdata", "account.json"))
	require.NoError(t, err)
	changed := bytes.Replace(account, []byte(what), []byte(with), 1)
	require.NotEqual(t, account, changed)
	require.NoError(t, w.stripe.Load(bytes.NewReader(changed)))
}

// anotherAccount is one with the same objects.
func anotherAccount(t *testing.T, w *world) *sandbox.Server {
	s := emptyAccount(t, w)
	account, err := os.ReadFile(filepath.Join("testdata", "account.json"))
	require.NoError(t, err)
	require.NoError(t, s.Load(bytes.NewReader(bytes.Replace(account, []byte("acct_plan"), []byte("acct_another"), 1))))
	return s
}

func emptyAccount(t *testing.T, w *world) *sandbox.Server {
	s, err := sandbox.Open(sandbox.Options{Now: w.clock.Now, Seed: "another"})
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

package plan_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/plan"
	"github.com/subferry/subferry/validate/account"
)

func monthlyFacts() *account.Account {
	return &account.Account{Prices: map[string]account.Price{
		"price_monthly": {ID: "price_monthly", Active: true, Interval: "month", IntervalCount: 1, Currency: "usd", Amounts: account.Fixed("usd", 1999, "")},
	}}
}

func TestMakeRefusesAnotherFile(t *testing.T) {
	r := reviewed(starting(10*days), monthlyFacts())
	r.Input = bytesInput(starting(11 * days))
	_, err := plan.Make(t.Context(), r, config, nil)
	require.ErrorIs(t, err, migrate.ErrChanged)
}

func TestMakeReturnsTheVisitorsError(t *testing.T) {
	full := errors.New("the disk is full")
	_, err := plan.Make(t.Context(), reviewed(starting(10*days), nil), config, func(*plan.Row) error { return full })
	require.ErrorIs(t, err, full)
}

func TestMakeEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := plan.Make(ctx, reviewed(starting(10*days), nil), config, nil)
	require.ErrorIs(t, err, context.Canceled)
}

func TestReadRefusesWhatIsNoPlan(t *testing.T) {
	p, err := plan.Make(t.Context(), reviewed(starting(10*days), monthlyFacts()), config, nil)
	require.NoError(t, err)
	var b strings.Builder
	require.NoError(t, p.Write(&b))
	good := b.String()
	require.True(t, plan.IsPlan([]byte(good)))
	for name, c := range map[string]struct{ text, says string }{
		"a CSV file":        {"customer,start_date\n", "this is no plan file"},
		"other JSON":        {`{"kind": "report", "version": 1}`, "this is no plan file"},
		"another version":   {strings.Replace(good, `"version": 2`, `"version": 1`, 1), "of version 1, and this program reads version 2"},
		"a field too many":  {strings.Replace(good, `"version": 2`, `"version": 2, "force": true`, 1), `unknown field "force"`},
		"a pin too few":     {strings.Replace(good, p.Input.SHA256, "", 1), "does not state when, for which file"},
		"half of it":        {good[:len(good)/2], "the plan is damaged"},
		"nothing":           {"", "this is no plan file"},
		"a number too long": {strings.Replace(good, `"lead_seconds": 86400`, `"lead_seconds": 1e99`, 1), "damaged"},
	} {
		_, err := plan.Read(strings.NewReader(c.text))
		require.ErrorContains(t, err, c.says, name)
	}
	require.False(t, plan.IsPlan([]byte("customer,start_date\n")))
	require.False(t, plan.IsPlan([]byte(`{"customer": 1}`)))
}

// generated is a file of any length that needs no memory: rows are written when they are read.
type generated struct {
	rows, next int
	buffer     []byte
}

func generatedInput(rows int) migrate.Input {
	return migrate.Input{Name: "large.csv", Open: func() (io.ReadSeekCloser, error) { return &generated{rows: rows}, nil }}
}

func (g *generated) Read(p []byte) (int, error) {
	if len(g.buffer) == 0 {
		switch {
		case g.next > g.rows:
			return 0, io.EOF
		case g.next == 0:
			g.buffer = []byte("customer,start_date,price,quantity,trial_end\n")
		default:
			start := today.AddDate(0, 0, 2+g.next%60).Unix()
			trial := ""
			if g.next%5 == 0 {
				trial = fmt.Sprint(start + 86400*10)
			}
			g.buffer = fmt.Appendf(g.buffer[:0], "cus_%07d,%d,price_%02d,%d,%s\n", g.next, start, g.next%50, 1+g.next%3, trial)
		}
		g.next++
	}
	n := copy(p, g.buffer)
	g.buffer = g.buffer[n:]
	return n, nil
}

func (g *generated) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence == io.SeekEnd {
		return 0, errors.New("only the beginning can be sought")
	}
	if whence == io.SeekStart {
		g.next, g.buffer = 0, nil
	}
	return 0, nil
}

func (g *generated) Close() error { return nil }

// TestMemoryDoesNotGrowWithRows compares the memory that is in use in the middle of a small and of a large file.
func TestMemoryDoesNotGrowWithRows(t *testing.T) {
	small, large := heapWhilePlanning(t, 5_000), heapWhilePlanning(t, 25_000)
	require.Less(t, large, small+1<<20, "20,000 more rows need less than 50 bytes each")
}

// heapWhilePlanning returns the most that was reachable at ten moments of planning.
func heapWhilePlanning(t *testing.T, rows int) (most uint64) {
	facts := &account.Account{Prices: map[string]account.Price{}}
	for i := range 50 {
		p := monthlyFacts().Prices["price_monthly"]
		p.ID = fmt.Sprintf("price_%02d", i)
		facts.Prices[p.ID] = p
	}
	r := reviewed(nil, facts)
	r.Input = generatedInput(rows)
	count := 0
	_, err := plan.Make(t.Context(), r, config, func(*plan.Row) error {
		if count++; count%(rows/10) == 0 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
		return nil
	})
	require.ErrorIs(t, err, migrate.ErrChanged, "the generated file has no hash to compare with")
	require.Equal(t, rows, count)
	return most
}

func friend() map[string]account.Coupon {
	return map[string]account.Coupon{"FRIEND": {ID: "FRIEND", Valid: true, Duration: "forever", PercentOff: 10_0000}}
}

package export_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/export"
	"github.com/subferry/subferry/migrate/export/exporttest"
	"github.com/subferry/subferry/migrate/pace"
)

const (
	customers = "/v1/customers"
	version   = "2023-10-16"
)

// account is the answer to /v1/account of an account of an age.
func account(age time.Duration) string {
	return fmt.Sprintf(`{"id":"acct_source","object":"account","created":%d}`, time.Now().Add(-age).Unix())
}

const year = 365 * 24 * time.Hour

// newServer returns a server for the time of synctest, with an account three years old.
func newServer() *exporttest.Server {
	s := &exporttest.Server{Clock: migrate.SystemClock{}}
	s.Put("/v1", exporttest.Object{ID: "account", JSON: account(3 * year)})
	return s
}

// spread returns n objects of a prefix, evenly over an age.
func spread(prefix string, n int, age time.Duration) []exporttest.Object {
	all := make([]exporttest.Object, n)
	begin := time.Now().Add(-age)
	for i := range all {
		all[i] = exporttest.Object{ID: fmt.Sprintf("%s_%07d", prefix, i), Created: begin.Add(age / time.Duration(n) * time.Duration(i)).Unix()}
	}
	return all
}

func exporter(s export.Source) *export.Exporter {
	return export.New(export.Config{Source: s, Clock: migrate.SystemClock{}, Pacer: pace.NewFrom(migrate.SystemClock{}, pace.ReadRate, 0), APIVersion: version})
}

func kinds(t testing.TB, names ...string) []export.Kind {
	all, err := export.ParseKinds(names)
	require.NoError(t, err)
	return all
}

func idsOf(t testing.TB, file string) (ids []string) {
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	for line := range bytes.Lines(text) {
		var o struct{ ID string }
		require.NoError(t, json.Unmarshal(line, &o))
		ids = append(ids, o.ID)
	}
	return ids
}

// want compares a file with what the server has, in the order of its list, and its manifest with itself.
func want(t testing.TB, s *exporttest.Server, dir, kind string) {
	got := idsOf(t, filepath.Join(dir, kind+".ndjson"))
	require.Equal(t, len(s.IDs("/v1/"+kind)), len(got))
	require.True(t, slices.Equal(s.IDs("/v1/"+kind), got))
	m, err := export.ReadManifest(dir)
	require.NoError(t, err)
	r := m.Result(kind)
	require.Equal(t, len(got), r.Objects)
	n := 0
	for i, one := range r.Ranges {
		n += one.Objects
		if i > 0 {
			require.Equal(t, r.Ranges[i-1].Until, one.From, "half-open and next to each other")
		}
	}
	require.Equal(t, r.Objects, n, "the counts of the ranges add up")
	_, err = os.Stat(filepath.Join(dir, ".unfinished"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// Whatever the objects' distribution over time: the union of the ranges is the list.
func TestUnionOfTheRangesIsTheList(t *testing.T) {
	for name, objects := range map[string]func() []exporttest.Object{
		"none":         func() []exporttest.Object { return nil },
		"one":          func() []exporttest.Object { return spread("cus", 1, year) },
		"a page":       func() []exporttest.Object { return spread("cus", 100, year) },
		"evenly":       func() []exporttest.Object { return spread("cus", 12_345, 3*year) },
		"the last day": func() []exporttest.Object { return spread("cus", 5_000, 24*time.Hour) },
		"older than the account": func() []exporttest.Object {
			return spread("cus", 3_000, 12*year)
		},
		"5,000 in one second": func() []exporttest.Object {
			all := spread("cus", 3_000, year)
			for i := range 5_000 {
				all = append(all, exporttest.Object{ID: fmt.Sprintf("cus_s%05d", i), Created: time.Now().Add(-100 * 24 * time.Hour).Unix()})
			}
			return all
		},
		"seconds of 99 to 101": func() (all []exporttest.Object) {
			for i := range 30 {
				for j := range 99 + i%3 {
					all = append(all, exporttest.Object{ID: fmt.Sprintf("cus_%02d_%03d", i, j), Created: time.Now().Add(-time.Duration(i) * 24 * time.Hour).Unix()})
				}
			}
			return all
		},
	} {
		for _, latency := range []time.Duration{time.Millisecond, 100 * time.Millisecond, time.Second} {
			t.Run(fmt.Sprint(name, " ", latency), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, dir := newServer(), t.TempDir()
					s.Latency, s.Rate, s.Burst = latency, 25, 5
					s.Put(customers, objects()...)
					_, err := exporter(s).Run(t.Context(), export.Options{Dir: dir, Kinds: kinds(t, "customers")})
					require.NoError(t, err)
					want(t, s, dir, "customers")
				})
			})
		}
	}
}

func TestSplitIntoPeriods(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, dir := newServer(), t.TempDir()
		s.Put(customers, spread("cus", 4_000, year*8/10)...)
		split, err := export.ParseSplit("6month")
		require.NoError(t, err)
		since := time.Date(1999, 3, 1, 0, 0, 0, 0, time.UTC)
		m, err := exporter(s).Run(t.Context(), export.Options{Dir: dir, Kinds: kinds(t, "customers"), Split: split, Since: since})
		require.NoError(t, err)
		want(t, s, dir, "customers")
		r := m.Result("customers").Ranges
		require.Equal(t, "1999-03-01T00:00:00Z", r[0].From.String())
		require.Equal(t, "1999-07-01T00:00:00Z", r[0].Until.String(), "the first range ends at the period's natural border")
		require.Equal(t, "1999-12-31T23:55:00Z", r[1].Until.String(), "the minutes before now are a range of their own")
	})
}

func TestBordersOfPeriods(t *testing.T) {
	span := func(split, since, until string) (borders []string) {
		s, err := export.ParseSplit(split)
		require.NoError(t, err)
		at := func(text string) int64 {
			m, err := time.Parse("2006-01-02", text)
			require.NoError(t, err)
			return m.Unix()
		}
		for _, one := range export.CutForTest(s, export.Span{From: at(since), Until: at(until)}) {
			borders = append(borders, time.Unix(one.Until, 0).UTC().Format("2006-01-02"))
		}
		return borders
	}
	require.Equal(t, []string{"2024-07-01", "2025-01-01", "2025-02-03"}, span("6month", "2024-01-17", "2025-02-03"))
	require.Equal(t, []string{"2024-02-01", "2024-07-01", "2024-08-01"}, span("5 months", "2024-01-17", "2024-08-01"))
	require.Equal(t, []string{"2024-01-22", "2024-02-05", "2024-02-06"}, span("2weeks", "2024-01-17", "2024-02-06"))
	require.Equal(t, []string{"2024-01-22", "2024-01-23"}, span("week", "2024-01-21", "2024-01-23"))
	require.Equal(t, []string{"2024-01-18", "2024-01-21", "2024-01-22"}, span("3day", "2024-01-17", "2024-01-22"))
	require.Equal(t, []string{"2025-01-01", "2025-06-01"}, span("1year", "2024-01-17", "2025-06-01"))
	require.Equal(t, []string{"2025-01-01"}, span("1year", "2024-01-17", "2025-01-01"))
	for _, wrong := range []string{"", "0month", "6", "month6", "-1day", "1 fortnight"} {
		_, err := export.ParseSplit(wrong)
		require.Error(t, err, wrong)
	}
}

func TestFormula(t *testing.T) {
	since, until := time.Unix(1000, 0), time.Unix(2000, 0)
	for text, span := range map[string]export.Span{
		"gte,lt": {From: 1000, Until: 2000}, "gt,lt": {From: 1001, Until: 2000}, "gte,lte": {From: 1000, Until: 2001},
		"lte, gt": {From: 1001, Until: 2001}, "gt": {From: 1001, Until: 2000}, "lte": {From: 1000, Until: 2001},
	} {
		f, err := export.ParseFormula(text)
		require.NoError(t, err)
		require.Equal(t, span, f.Span(since, until), text)
	}
	for _, wrong := range []string{"", "eq", "gt,gte", "lt,lte", "gte,lt,lt"} {
		_, err := export.ParseFormula(wrong)
		require.Error(t, err, wrong)
	}
}

// Objects that come and go while the export runs do not make it lose others, or have any twice.
func TestObjectsCreatedAndDeletedMeanwhile(t *testing.T) {
	for _, latency := range []time.Duration{50 * time.Millisecond, time.Second} {
		synctest.Test(t, func(t *testing.T) {
			s, dir := newServer(), t.TempDir()
			s.Latency, s.Rate = latency, 25
			all := spread("cus", 10_000, 2*year)
			s.Put(customers, all...)
			gone := map[string]bool{}
			s.Before = func(path string, q url.Values, n int64) error {
				if cursor := q.Get("starting_after"); cursor != "" && n%5 == 0 {
					gone[cursor] = true
					s.Delete(customers, cursor)
				}
				s.Put(customers, exporttest.Object{ID: fmt.Sprintf("cus_new%d", n), Created: time.Now().Unix()})
				return nil
			}
			began := time.Now().Unix()
			_, err := exporter(s).Run(t.Context(), export.Options{Dir: dir, Kinds: kinds(t, "customers")})
			require.NoError(t, err)
			require.NotEmpty(t, gone)
			got := map[string]int{}
			for _, id := range idsOf(t, filepath.Join(dir, "customers.ndjson")) {
				got[id]++
				require.Equal(t, 1, got[id], "%s stands twice", id)
			}
			for _, o := range all {
				if !gone[o.ID] {
					require.Equal(t, 1, got[o.ID], o.ID)
				}
			}
			require.Less(t, time.Unix(began, 0), time.Now())
		})
	}
}

// What is shown late is in the file when it is shown before the end, and otherwise the next incremental run brings it.
func TestObjectsShownLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, dir := newServer(), t.TempDir()
		s.Latency, s.Rate, s.Delay = time.Second, 25, 6*time.Second
		s.Put(customers, spread("cus", 20_000, 2*year)...)
		s.Put(customers, spread("cus_late", 300, 15*time.Second)...)
		s.Put("/v1/events")
		x := exporter(s)
		_, err := x.Run(t.Context(), export.Options{Dir: dir, Kinds: kinds(t, "customers")})
		require.NoError(t, err)
		want(t, s, dir, "customers")

		s.Put(customers, exporttest.Object{ID: "cus_later", Created: time.Now().Unix() - 1})
		s.Delay, dir = 2*time.Minute, t.TempDir()
		_, err = x.Run(t.Context(), export.Options{Dir: dir, Kinds: kinds(t, "customers")})
		require.NoError(t, err)
		require.False(t, slices.Contains(idsOf(t, filepath.Join(dir, "customers.ndjson")), "cus_later"))
		time.Sleep(4 * time.Minute)
		proofs, err := x.Prove(t.Context(), dir, kinds(t, "customers"))
		require.NoError(t, err)
		require.Contains(t, proofs[0].Missing, "cus_later")
		require.Equal(t, proofs[0].NMissing, proofs[0].Late)
		require.False(t, proofs[0].OK())
		_, err = x.Run(t.Context(), export.Options{Dir: dir, Kinds: kinds(t, "customers"), Incremental: true})
		require.NoError(t, err)
		want(t, s, dir, "customers")
	})
}

// A server that does not keep what has_more promised is not believed; what cannot be had is said.
func TestCursorInsideAFullSecondComesBackEmpty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, dir := newServer(), t.TempDir()
		s.EmptyInFullSecond = true
		all := spread("cus", 1_000, year)
		second := time.Now().Add(-50 * 24 * time.Hour).Unix()
		for i := range 150 {
			all = append(all, exporttest.Object{ID: fmt.Sprintf("cus_s%05d", i), Created: second})
		}
		s.Put(customers, all...)
		m, err := exporter(s).Run(t.Context(), export.Options{Dir: dir, Kinds: kinds(t, "customers")})
		require.NoError(t, err)
		got := idsOf(t, filepath.Join(dir, "customers.ndjson"))
		for _, id := range s.IDs(customers) {
			if !strings.HasPrefix(id, "cus_s") {
				require.Contains(t, got, id, "what is older than the full second is there")
			}
		}
		require.Equal(t, []export.Moment{export.Moment(second)}, m.Result("customers").Doubts, "and the second is named")
	})
}

func TestServerThatIgnoresTheFilter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, dir := newServer(), t.TempDir()
		s.Unfiltered = true
		s.Put(customers, spread("cus", 2_000, year)...)
		m, err := exporter(s).Run(t.Context(), export.Options{Dir: dir, Kinds: kinds(t, "customers")})
		require.NoError(t, err)
		want(t, s, dir, "customers")
		require.True(t, m.Result("customers").Whole)
	})
}

// Interrupted after any request, the same call goes on, and in the end nothing is missing or there twice.
func TestResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, dir := newServer(), t.TempDir()
		s.Latency, s.Rate = 300*time.Millisecond, 25
		s.Put(customers, spread("cus", 20_000, 2*year)...)
		s.Put("/v1/products", spread("prod", 1_000, year)...)
		options := export.Options{Dir: dir, Kinds: kinds(t, "customers", "products")}
		runs := 0
		for ; runs < 100; runs++ {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second+time.Duration(runs)*37*time.Millisecond)
			_, err := exporter(s).Run(ctx, options)
			cancel()
			if err == nil {
				break
			}
			require.ErrorIs(t, err, context.DeadlineExceeded)
			tear(t, filepath.Join(dir, ".unfinished", "customers"))
		}
		require.Greater(t, runs, 3)
		require.Less(t, runs, 100)
		want(t, s, dir, "customers")
		want(t, s, dir, "products")
		all, _ := s.Requests()
		require.Less(t, all, int64(210*2), "what was read is not read again")
	})
}

// tear leaves files as a program does that dies while it writes.
func tear(t testing.TB, dir string) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return // not begun, or finished
	}
	for _, file := range files {
		f, err := os.OpenFile(filepath.Join(dir, file.Name()), os.O_APPEND|os.O_WRONLY, 0)
		require.NoError(t, err)
		_, err = f.WriteString(`[{"id":"to`)
		require.NoError(t, err)
		require.NoError(t, f.Close())
	}
}

func TestAnotherExportIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, dir := newServer(), t.TempDir()
		s.Put(customers, spread("cus", 2_000, year)...)
		s.Latency = 500 * time.Millisecond
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		_, err := exporter(s).Run(ctx, export.Options{Dir: dir, Kinds: kinds(t, "customers")})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		other := (*export.OtherExportError)(nil)
		_, err = exporter(s).Run(t.Context(), export.Options{Dir: dir, Kinds: kinds(t, "customers"), Since: time.Now().Add(-year)})
		require.ErrorAs(t, err, &other)
		require.ErrorContains(t, err, "--since")
		_, err = exporter(s).Run(t.Context(), export.Options{Dir: dir, Kinds: kinds(t, "customers")})
		require.NoError(t, err)
		exists := (*export.ExistsError)(nil)
		_, err = exporter(s).Run(t.Context(), export.Options{Dir: dir, Kinds: kinds(t, "customers")})
		require.ErrorAs(t, err, &exists)
		s.Replace("/v1", exporttest.Object{ID: "account", JSON: `{"id":"acct_other"}`})
		_, err = exporter(s).Run(t.Context(), export.Options{Dir: dir, Kinds: kinds(t, "customers"), Incremental: true})
		require.ErrorAs(t, err, &other)
		require.ErrorContains(t, err, "acct_other")
	})
}

// A list that the key may not read is skipped with the reason, and the others are exported.
func TestSkippedLists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, dir := newServer(), t.TempDir()
		s.Put(customers, spread("cus", 10, year)...)
		s.Put("/v1/disputes")
		s.Before = func(path string, _ url.Values, _ int64) error {
			if path == "/v1/disputes" {
				return exporttest.Refusal(403, "", "", "The provided key does not have the required permissions for this endpoint.")
			}
			return nil
		}
		x := exporter(s)
		m, err := x.Run(t.Context(), export.Options{Dir: dir, Kinds: kinds(t, "disputes", "customers", "transfers")})
		require.NoError(t, err)
		want(t, s, dir, "customers")
		require.Equal(t, "Stripe answered 403: The provided key does not have the required permissions for this endpoint.. A restricted key needs the permission Disputes: Read",
			m.Result("disputes").Skipped.String())
		require.Equal(t, 404, m.Result("transfers").Skipped.Status)
		s.Before = nil
		proofs, err := x.Prove(t.Context(), dir, kinds(t, "disputes", "transfers"))
		require.NoError(t, err)
		require.Contains(t, proofs[0].File, "Stripe gives it now")
		require.Contains(t, proofs[1].Skipped, "404")
	})
}

// Errors of the server and a lost connection are survived; a key that is not accepted ends the export at once.
func TestFailingServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, dir := newServer(), t.TempDir()
		s.Put(customers, spread("cus", 3_000, year)...)
		s.Before = func(_ string, _ url.Values, n int64) error {
			switch n % 4 {
			case 1:
				return exporttest.Refusal(500, "", "", "Something went wrong.")
			case 2:
				return &migrate.StripeError{Outcome: migrate.Unknown, Err: os.ErrDeadlineExceeded}
			}
			return nil
		}
		_, err := exporter(s).Run(t.Context(), export.Options{Dir: dir, Kinds: kinds(t, "customers")})
		require.NoError(t, err)
		want(t, s, dir, "customers")
		requests := atomic.Int64{}
		s.Before = func(string, url.Values, int64) error {
			requests.Add(1)
			return exporttest.Refusal(401, "", "", "Invalid API Key.")
		}
		_, err = exporter(s).Run(t.Context(), export.Options{Dir: t.TempDir(), Kinds: kinds(t, "customers")})
		require.ErrorContains(t, err, "Invalid API Key")
		require.Equal(t, int64(1), requests.Load())
		s.Before = func(string, url.Values, int64) error {
			return &migrate.StripeError{Outcome: migrate.Retryable, Err: os.ErrNotExist}
		}
		began := time.Now()
		_, err = exporter(s).Run(t.Context(), export.Options{Dir: t.TempDir(), Kinds: kinds(t, "customers")})
		require.Error(t, err)
		require.Less(t, time.Since(began), time.Minute)
	})
}

// Every field is kept as Stripe wrote it, lists inside of objects are read to their end, and nothing else is touched.
func TestObjectsAreKeptAsTheyAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, dir := newServer(), t.TempDir()
		s.Put("/v1/subscriptions",
			exporttest.Object{ID: "sub_1", Created: 100, JSON: `{
			"id": "sub_1", "created": 100, "unknown": {"of a later version": [1.10, 12345678901234567890, "ü & <b>"]},
			"items": {"object": "list", "future": 1, "data": [ {"id": "si_1"}, {"id": "si_2"} ], "has_more": true, "url": "/v1/subscription_items?subscription=sub_1"}, "z": null }`},
			exporttest.Object{ID: "sub_2", Created: 99})
		var items []exporttest.Object
		for i := range 250 {
			items = append(items, exporttest.Object{ID: fmt.Sprintf("si_%d", 250-i), Created: 5, JSON: fmt.Sprintf(`{"id": "si_%d"}`, 250-i)})
		}
		s.Put("/v1/subscription_items", items...)
		s.Before = func(path string, q url.Values, _ int64) error {
			if path == "/v1/subscription_items" && q.Get("subscription") != "sub_1" {
				return exporttest.Refusal(400, "parameter_missing", "subscription", "Missing required param: subscription.")
			}
			return nil
		}
		m, err := exporter(s).Run(t.Context(), export.Options{Dir: dir, Kinds: kinds(t, "subscriptions"), CSV: true})
		require.NoError(t, err)
		require.Equal(t, int64(1), m.Result("subscriptions").Nested)
		text, err := os.ReadFile(filepath.Join(dir, "subscriptions.ndjson"))
		require.NoError(t, err)
		line, _, _ := strings.Cut(string(text), "\n")
		require.True(t, strings.HasPrefix(line, `{"id":"sub_1","created":100,"unknown":{"of a later version":[1.10,12345678901234567890,"ü & <b>"]},"items":{"object":"list","future":1,"data":[{"id":"si_1"},{"id":"si_2"},{"id":"si_3"},`), line)
		require.True(t, strings.HasSuffix(line, `{"id":"si_250"}],"has_more":false,"url":"/v1/subscription_items?subscription=sub_1"},"z":null}`), line)
		table, err := os.ReadFile(filepath.Join(dir, "subscriptions.csv"))
		require.NoError(t, err)
		require.Contains(t, string(table), "id,created,items.data,items.future,items.has_more")
		require.Equal(t, 0, strings.Count(string(table), "null"))
	})
}

// An incremental run leaves what a full export would.
func TestIncrementalIsWhatAFullExportIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, dir := newServer(), t.TempDir()
		s.Latency = 20 * time.Millisecond
		s.Put(customers, spread("cus", 5_000, 2*year)...)
		s.Put("/v1/coupons", spread("OFF", 50, year)...)
		s.Put("/v1/events", spread("evt", 20, 20*24*time.Hour)...)
		event := func(kind, object, id string) {
			at := time.Now().Unix()
			s.Put("/v1/events", exporttest.Object{ID: fmt.Sprintf("evt_%s_%s_%d", kind, id, at), Created: at,
				JSON: fmt.Sprintf(`{"id":"evt_%s_%s_%d","created":%d,"type":%q,"data":{"object":{"id":%q,"object":%q,"customer":"cus_0000100"}}}`, kind, id, at, at, kind, id, object)})
		}
		options := export.Options{Dir: dir, Kinds: kinds(t, "customers", "coupons", "events")}
		_, err := exporter(s).Run(t.Context(), options)
		require.NoError(t, err)
		options.Incremental = true
		for round := range 4 {
			time.Sleep(time.Duration(round+1) * 24 * time.Hour)
			for i := range 3 {
				id := fmt.Sprintf("cus_%07d", 100*round+i)
				s.Replace(customers, exporttest.Object{ID: id, Created: created(s, id), JSON: fmt.Sprintf(`{"id":%q,"created":%d,"round":%d}`, id, created(s, id), round)})
				event("customer.updated", "customer", id)
			}
			gone := fmt.Sprintf("cus_%07d", 4000+round)
			s.Delete(customers, gone)
			event("customer.deleted", "customer", gone)
			s.Replace("/v1/coupons", exporttest.Object{ID: "OFF_0000001", Created: 5, JSON: fmt.Sprintf(`{"id":"OFF_0000001","created":5,"times_redeemed":%d}`, round)})
			s.Put(customers, spread(fmt.Sprint("cus_new", round), 150, time.Hour)...)
			before, _ := s.Requests()
			m, err := exporter(s).Run(t.Context(), options)
			require.NoError(t, err)
			after, _ := s.Requests()
			require.Less(t, after-before, int64(25))
			for _, kind := range []string{"customers", "events", "coupons"} {
				want(t, s, dir, kind)
			}
			require.Equal(t, round+1, m.Result("customers").Deleted)
			full := t.TempDir()
			_, err = exporter(s).Run(t.Context(), export.Options{Dir: full, Kinds: options.Kinds})
			require.NoError(t, err)
			for _, kind := range []string{"customers", "events", "coupons"} {
				a, err := os.ReadFile(filepath.Join(dir, kind+".ndjson"))
				require.NoError(t, err)
				b, err := os.ReadFile(filepath.Join(full, kind+".ndjson"))
				require.NoError(t, err)
				require.Equal(t, string(b), string(a), "%s of round %d", kind, round)
			}
		}
		require.Equal(t, []string{"cus_0004000", "cus_0004001", "cus_0004002", "cus_0004003"}, idsOf(t, filepath.Join(dir, "customers.deleted.ndjson")))

		time.Sleep(40 * 24 * time.Hour) // further than events reach
		s.Delete(customers, "cus_0004500")
		m, err := exporter(s).Run(t.Context(), options)
		require.NoError(t, err)
		want(t, s, dir, "customers")
		require.Contains(t, m.Result("customers").Again, "events reach back 30 days")
		require.Contains(t, idsOf(t, filepath.Join(dir, "customers.deleted.ndjson")), "cus_0004500")
	})
}

// A run that begins in the second in which the last one ended is a run of its own, and what is gone of the minutes that
// are read once more is told as gone.
func TestIncrementalWithinASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, dir := newServer(), t.TempDir()
		s.Put(customers, spread("cus", 200, year)...)
		s.Put(customers, spread("cus_new", 10, time.Minute)...)
		s.Put("/v1/events")
		options := export.Options{Dir: dir, Kinds: kinds(t, "customers")}
		_, err := exporter(s).Run(t.Context(), options)
		require.NoError(t, err)
		began := time.Now()
		s.Delete(customers, "cus_new_0000003")
		options.Incremental = true
		m, err := exporter(s).Run(t.Context(), options)
		require.NoError(t, err)
		require.Equal(t, began.Unix(), time.Now().Unix(), "the clock of the test stands still")
		require.Equal(t, 1, m.Result("customers").Deleted)
		want(t, s, dir, "customers")
		gone, err := os.ReadFile(filepath.Join(dir, m.Result("customers").DeletedFile))
		require.NoError(t, err)
		require.Contains(t, string(gone), "cus_new_0000003")
	})
}

// What an incremental run reports of the minutes that are read once more, and of what is read as a whole, is what has
// happened.
func TestIncrementalCountsWhatHasHappened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, dir := newServer(), t.TempDir()
		s.Put(customers, spread("cus", 20, time.Minute)...)
		s.Put("/v1/coupons", spread("OFF", 20, year)...)
		s.Put("/v1/events")
		options := export.Options{Dir: dir, Kinds: kinds(t, "customers", "coupons")}
		_, err := exporter(s).Run(t.Context(), options)
		require.NoError(t, err)
		options.Incremental = true
		for path, prefix := range map[string]string{customers: "cus", "/v1/coupons": "OFF"} {
			at := time.Now().Unix() - 30
			s.Replace(path, exporttest.Object{ID: prefix + "_0000001", Created: at, JSON: fmt.Sprintf(`{"id":"%s_0000001","created":%d,"name":"another"}`, prefix, at)})
			s.Delete(path, prefix+"_0000002")
			s.Put(path, exporttest.Object{ID: prefix + "_more", Created: at})
		}
		m, err := exporter(s).Run(t.Context(), options)
		require.NoError(t, err)
		for _, kind := range []string{"customers", "coupons"} {
			r := m.Result(kind)
			require.Equal(t, []int{1, 1, 1}, []int{r.Added, r.Changed, r.Deleted}, kind)
		}
	})
}

func created(s *exporttest.Server, id string) int64 {
	raw, err := s.Read(context.Background(), customers+"/"+id, nil)
	if err != nil {
		return 0
	}
	var o struct{ Created int64 }
	_ = json.Unmarshal(raw, &o)
	return o.Created
}

func TestProve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, dir := newServer(), t.TempDir()
		s.Put(customers, spread("cus", 1_500, year)...)
		x := exporter(s)
		_, err := x.Run(t.Context(), export.Options{Dir: dir, Kinds: kinds(t, "customers", "account")})
		require.NoError(t, err)
		proofs, err := x.Prove(t.Context(), dir, kinds(t, "customers", "account"))
		require.NoError(t, err)
		require.True(t, proofs[0].OK() && proofs[1].OK(), "%+v", proofs)
		require.Equal(t, 1_500, proofs[0].Account)

		s.Delete(customers, "cus_0000007")
		s.Put(customers, exporttest.Object{ID: "cus_hidden", Created: time.Now().Add(-year / 2).Unix()})
		proofs, err = x.Prove(t.Context(), dir, kinds(t, "customers"))
		require.NoError(t, err)
		require.Equal(t, []string{"cus_hidden"}, proofs[0].Missing)
		require.Equal(t, []string{"cus_0000007"}, proofs[0].Gone)

		file := filepath.Join(dir, "customers.ndjson")
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(file, text[bytes.IndexByte(text, '\n')+1:], 0o600))
		proofs, err = x.Prove(t.Context(), dir, kinds(t, "customers"))
		require.NoError(t, err)
		require.Contains(t, proofs[0].File, "changed since it was written")
		require.Equal(t, 2, proofs[0].NMissing)
	})
}

func TestKinds(t *testing.T) {
	_, err := export.ParseKinds([]string{"customers", "orders"})
	require.ErrorIs(t, err, export.ErrOrders)
	_, err = export.ParseKinds([]string{"customer"})
	require.ErrorContains(t, err, "expected all, or any of account, application_fees")
	require.Len(t, kinds(t, "all"), 17)
	require.Len(t, kinds(t, "customers", "customers"), 1)
	require.True(t, slices.IsSorted(export.KindNames()))
}

// fast returns an exporter that does not look for a limit.
func fast(s export.Source) *export.Exporter {
	return export.New(export.Config{Source: s, Clock: migrate.SystemClock{}, Pacer: pace.NewFrom(migrate.SystemClock{}, 1000, 0), APIVersion: version})
}

// A server that refuses the filter, or fails because of it, is read by one cursor; one list that fails does not keep
// the others from being exported.
func TestServerThatRefusesTheFilter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, status := range []int{400, 500} {
			s, dir := newServer(), t.TempDir()
			s.Unfiltered = true
			s.Put(customers, spread("cus", 450, year)...)
			s.Put("/v1/charges", spread("ch", 5, year)...)
			s.Put("/v1/products", spread("prod", 5, year)...)
			s.Before = func(path string, q url.Values, _ int64) error {
				if path == "/v1/charges" {
					return exporttest.Refusal(500, "", "", "Not implemented")
				}
				if q.Has("created[lt]") {
					return exporttest.Refusal(status, "", "", "Unexpected created")
				}
				return nil
			}
			m, err := exporter(s).Run(t.Context(), export.Options{Dir: dir, Kinds: kinds(t, "charges", "customers", "products")})
			require.ErrorContains(t, err, "charges: Stripe answered 500: Not implemented")
			require.Len(t, m.Kinds, 2)
			s.Before = nil
			_, err = exporter(s).Run(t.Context(), export.Options{Dir: dir, Kinds: kinds(t, "charges", "customers", "products")})
			require.NoError(t, err)
			want(t, s, dir, "customers")
			want(t, s, dir, "charges")
		}
	})
}

func TestServerThatRepeatsItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		s.Put(customers, spread("cus", 450, year)...)
		s.Before = func(_ string, q url.Values, _ int64) error { q.Del("starting_after"); return nil }
		_, err := exporter(s).Run(t.Context(), export.Options{Dir: t.TempDir(), Kinds: kinds(t, "customers")})
		require.ErrorContains(t, err, "repeats itself")
	})
}

package export_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/export"
	"github.com/subferry/subferry/migrate/export/exporttest"
	"github.com/subferry/subferry/migrate/pace"
)

// In the time of synctest: how long 100,000 objects take at 25 requests a second, next to one cursor, which takes 1,000
// answers.
func TestSpeed(t *testing.T) {
	if testing.Short() {
		t.Skip("a simulated hour of reading, eight times")
	}
	for _, c := range []struct {
		latency time.Duration
		told    float64
		times   float64 // faster than one cursor
	}{{time.Second, 0, 10}, {100 * time.Millisecond, 0, 2.2}, {time.Second, 25, 10}, {100 * time.Millisecond, 25, 2.2}} {
		for name, objects := range map[string]func() []exporttest.Object{
			"evenly": func() []exporttest.Object { return spread("cus", 100_000, 3*year-time.Hour) },
			"more and more": func() []exporttest.Object {
				all := spread("cus", 100_000, 3*year)
				begin := all[0].Created
				for i := range all {
					x := float64(i) / float64(len(all))
					all[i].Created = begin + int64((1-(1-x)*(1-x))*float64(time.Now().Unix()-begin)) // twice as dense at the end of growth
				}
				return all
			},
		} {
			t.Run(fmt.Sprint(c.latency, " told ", c.told, " ", name), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, dir := newServer(), t.TempDir()
					s.Latency, s.Rate, s.Burst = c.latency, 25, 5
					s.Put(customers, objects()...)
					began := time.Now()
					x := export.New(export.Config{Source: s, Clock: migrate.SystemClock{}, Pacer: pace.NewFrom(migrate.SystemClock{}, pace.ReadRate, c.told), APIVersion: version})
					_, err := x.Run(t.Context(), export.Options{Dir: dir, Kinds: kinds(t, "customers")})
					require.NoError(t, err)
					took := time.Since(began)
					want(t, s, dir, "customers")
					all, refused := s.Requests()
					accepted := s.Accepted()
					t.Logf("%.1f s, %.1f times one cursor; %d requests, %d of them refused; %.1f accepted a second", took.Seconds(),
						(1000*c.latency).Seconds()/took.Seconds(), all, refused, float64(len(accepted))/took.Seconds())
					require.GreaterOrEqual(t, (1000*c.latency).Seconds()/took.Seconds(), c.times)
				})
			})
		}
	}
}

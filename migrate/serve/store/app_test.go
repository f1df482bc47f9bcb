package store_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger/postgres/pgtest"
	"github.com/subferry/subferry/migrate/serve/store"
)

// hands is a clock that a test turns.
type hands struct{ now time.Time }

func (h *hands) Now() time.Time                             { return h.now }
func (h *hands) Sleep(context.Context, time.Duration) error { return nil }

// both runs a test with SQLite and with Postgres; open opens the same store once more, as another machine would.
func both(t *testing.T, test func(t *testing.T, clock *hands, open func() *store.Store)) {
	for name, where := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return t.TempDir() },
		"postgres": func(t *testing.T) string { return pgtest.URL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			place, clock := where(t), &hands{now: time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)}
			test(t, clock, func() *store.Store {
				s, err := store.OpenAt(context.Background(), place, clock)
				require.NoError(t, err)
				t.Cleanup(func() { require.NoError(t, s.Close()) })
				return s
			})
		})
	}
}

func TestConnectedAccounts(t *testing.T) {
	both(t, func(t *testing.T, clock *hands, open func() *store.Store) {
		ctx, s := context.Background(), open()
		began := csvspec.At(clock.now)
		one := store.Connected{Account: "acct_1", By: "ada"}
		audited := store.WithAudit(ctx, store.Entry{Actor: "ada", Action: "connect"})
		require.NoError(t, s.Connect(audited, one))
		clock.now = clock.now.Add(time.Hour)
		require.NoError(t, s.Connect(ctx, store.Connected{Account: "acct_1", By: "bob"}), "again")
		require.NoError(t, s.Connect(ctx, store.Connected{Account: "acct_1", Livemode: true, By: "bob"}))
		found, err := s.ConnectedAccounts(ctx)
		require.NoError(t, err)
		require.Equal(t, []store.Connected{
			{Account: "acct_1", By: "ada", At: began}, {Account: "acct_1", Livemode: true, By: "bob", At: csvspec.At(clock.now)},
		}, found)

		user := store.AppUser{Account: "acct_1", StripeUser: "usr_1", Person: "ada", Role: "operator"}
		require.NoError(t, s.LinkAppUser(ctx, user, clock.now.Add(time.Hour)))
		got, err := s.AppUser(ctx, "acct_1", "usr_1")
		require.NoError(t, err)
		require.Equal(t, []string{"ada", "operator"}, []string{got.Person, got.Role})
		for _, other := range [][2]string{{"acct_2", "usr_1"}, {"acct_1", "usr_2"}} {
			_, err := s.AppUser(ctx, other[0], other[1])
			require.ErrorIs(t, err, store.ErrNotFound)
		}
		clock.now = clock.now.Add(time.Hour)
		_, err = s.AppUser(ctx, "acct_1", "usr_1")
		require.ErrorIs(t, err, store.ErrNotFound, "the link has expired")

		require.NoError(t, s.LinkAppUser(ctx, user, clock.now.Add(time.Hour)))
		require.NoError(t, s.Disconnect(ctx, store.Connected{Account: "acct_1", By: "bob"}))
		require.ErrorIs(t, s.Disconnect(ctx, store.Connected{Account: "acct_1", By: "bob"}), store.ErrNotFound)
		_, err = s.AppUser(ctx, "acct_1", "usr_1")
		require.ErrorIs(t, err, store.ErrNotFound)
		found, err = s.ConnectedAccounts(ctx)
		require.NoError(t, err)
		require.Len(t, found, 1)
		log, err := s.AuditLog(ctx, store.AuditFilter{})
		require.NoError(t, err)
		require.Len(t, log, 1)
		require.Equal(t, "connect", log[0].Action)
	})
}

func TestSignaturesAreRememberedOnAllMachines(t *testing.T) {
	both(t, func(t *testing.T, clock *hands, open func() *store.Store) {
		ctx, machines := context.Background(), []*store.Store{open(), open(), open()}
		var fresh atomic.Int64
		var all sync.WaitGroup
		for i := range 30 {
			all.Go(func() {
				ok, err := machines[i%3].RememberSignature(ctx, fmt.Sprint(i/6), clock.now.Add(time.Minute))
				if err != nil {
					t.Error(err)
				} else if ok {
					fresh.Add(1)
				}
			})
		}
		all.Wait()
		require.EqualValues(t, 5, fresh.Load(), "each of five digests is new once")
		clock.now = clock.now.Add(2 * time.Minute)
		ok, err := machines[0].RememberSignature(ctx, "0", clock.now.Add(time.Minute))
		require.NoError(t, err)
		require.True(t, ok, "what is too old to be accepted needs no memory")
	})
}

func TestTicketsAreGoodForOneUse(t *testing.T) {
	both(t, func(t *testing.T, clock *hands, open func() *store.Store) {
		ctx, one, two := context.Background(), open(), open()
		keep := func(kind, secret, parent string) {
			require.NoError(t, one.KeepTicket(ctx, store.Ticket{Kind: kind, Secret: secret, Parent: parent, Until: clock.now.Add(time.Minute), Body: "for " + secret}))
		}
		keep("code", "c1", "")
		_, err := two.TakeTicket(ctx, "token", "c1")
		require.ErrorIs(t, err, store.ErrNotFound, "a code is no token")
		body, err := two.TakeTicket(ctx, "code", "c1")
		require.NoError(t, err)
		require.Equal(t, "for c1", body)

		keep("token", "t1", "c1")
		_, err = one.TakeTicket(ctx, "code", "c1")
		require.ErrorIs(t, err, store.ErrUsed)
		_, err = one.TakeTicket(ctx, "token", "t1")
		require.ErrorIs(t, err, store.ErrNotFound, "a code that comes twice was stolen: its token is void")

		keep("code", "c2", "")
		clock.now = clock.now.Add(time.Minute)
		_, err = one.TakeTicket(ctx, "code", "c2")
		require.ErrorIs(t, err, store.ErrNotFound, "expired")
		require.Error(t, one.KeepTicket(ctx, store.Ticket{Kind: "code", Until: clock.now.Add(time.Minute)}), "no secret")

		keep("code", "c3", "")
		var taken atomic.Int64
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				if _, err := []*store.Store{one, two}[i%2].TakeTicket(ctx, "code", "c3"); err == nil {
					taken.Add(1)
				}
			})
		}
		all.Wait()
		require.EqualValues(t, 1, taken.Load())
	})
}

func TestCountsForMetrics(t *testing.T) {
	both(t, func(t *testing.T, _ *hands, open func() *store.Store) {
		ctx, s := context.Background(), open()
		counts, err := s.MoveCounts(ctx)
		require.NoError(t, err)
		require.Empty(t, counts)
		file, _, err := s.PutBlob(ctx, strings.NewReader("a,b\n"), 100)
		require.NoError(t, err)
		for i, state := range []store.State{store.Running, store.Running, store.Canceled} {
			_, err := s.CreateMove(ctx, store.Move{ID: fmt.Sprint("mov_", i), State: state, Upload: file})
			require.NoError(t, err)
		}
		counts, err = s.MoveCounts(ctx)
		require.NoError(t, err)
		require.Equal(t, map[store.State]int64{store.Running: 2, store.Canceled: 1}, counts)
		n, err := s.EventsToApply(ctx)
		require.NoError(t, err)
		require.Zero(t, n)
		_, err = s.PutEvent(ctx, store.Event{EventAccount: store.EventAccount{Account: "acct_1"}, ID: "evt_1", Raw: []byte("{}")})
		require.NoError(t, err)
		n, err = s.EventsToApply(ctx)
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
	})
}

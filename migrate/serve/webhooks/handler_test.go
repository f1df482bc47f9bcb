package webhooks_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/ledger/postgres/pgtest"
	"github.com/subferry/subferry/migrate/serve/store"
	"github.com/subferry/subferry/migrate/serve/webhooks"
)

const (
	secret = "whsec_test_secret_one"
	newer  = "whsec_test_secret_two"
)

var today = time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) to(at time.Time) {
	c.mu.Lock()
	c.now = at
	c.mu.Unlock()
}

func (c *clock) Sleep(ctx context.Context, _ time.Duration) error { <-ctx.Done(); return ctx.Err() }

// sign returns the header for a body that is signed at a moment, with one or several secrets. It is written from Stripe's
// documents, and not with the library that verifies.
func sign(body string, at time.Time, secrets ...string) string {
	header := "t=" + strconv.FormatInt(at.Unix(), 10)
	for _, one := range secrets {
		mac := hmac.New(sha256.New, []byte(one))
		io.WriteString(mac, strconv.FormatInt(at.Unix(), 10)+"."+body)
		header += ",v1=" + hex.EncodeToString(mac.Sum(nil))
	}
	return header
}

// receiver is a handler with what is behind it.
type receiver struct {
	testing.TB
	clock     *clock
	store     *store.Store
	log       bytes.Buffer
	woken     []store.EventAccount
	endpoints func(string) ([]webhooks.Endpoint, error)
	connected func(context.Context, store.EventAccount) (bool, error)
	wake      error
}

func newReceiver(t testing.TB, where string) *receiver {
	r := &receiver{TB: t, clock: &clock{now: today}}
	var err error
	r.store, err = store.OpenAt(context.Background(), where, r.clock)
	require.NoError(t, err)
	t.Cleanup(func() { r.store.Close() })
	r.endpoints = func(account string) ([]webhooks.Endpoint, error) {
		if account != "acct_one" && account != "acct_source" {
			return nil, nil
		}
		return []webhooks.Endpoint{{Secrets: []string{secret, newer}}, {Livemode: true, Secrets: []string{"whsec_live_secret"}}}, nil
	}
	return r
}

// send sends a body to an address with a header, and returns the status and the answer.
func (r *receiver) send(path, body, header string) (int, string) {
	handler := webhooks.New(webhooks.Config{
		Store: r.store, Clock: r.clock, Log: slog.New(slog.NewTextHandler(&r.log, nil)), Endpoints: func(a string) ([]webhooks.Endpoint, error) { return r.endpoints(a) }, Connected: r.connected,
		Wake: func(_ context.Context, a store.EventAccount) error { r.woken = append(r.woken, a); return r.wake },
	})
	request := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	if header != "" {
		request.Header.Set("Stripe-Signature", header)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, request)
	return w.Code, w.Body.String()
}

func (r *receiver) stored(account string) (ids []string) {
	r.Helper()
	for _, live := range []bool{false, true} {
		events, err := r.store.EventsAfter(context.Background(), store.EventAccount{Account: account, Livemode: live}, 0, 1000)
		require.NoError(r, err)
		for i, e := range events {
			require.EqualValues(r, i+1, e.Number)
			ids = append(ids, e.ID)
		}
	}
	return ids
}

func body(id string, more string) string {
	return `{"id": "` + id + `", "object": "event", "type": "invoice.paid", "created": 1803895200, "livemode": false, "api_version": "2023-10-16"` + more + `, "data": {"object": {"id": "in_1", "object": "invoice"}}}`
}

// TestSignatures: what is not signed by Stripe just now is refused, and nothing of it is stored.
func TestSignatures(t *testing.T) {
	one, forged := body("evt_1", ""), body("evt_2", "")
	good := sign(one, today, secret)
	signature := good[strings.Index(good, ",")+1:]
	for name, c := range map[string]struct {
		body, header string
		status       int
		say          string
	}{
		"good":                         {one, good, 200, `"new":true`},
		"the newer secret":             {one, sign(one, today, newer), 200, `"new":true`},
		"signed with both":             {one, sign(one, today, "whsec_other", newer), 200, `"new":true`},
		"300 seconds old":              {one, sign(one, today.Add(-300*time.Second), secret), 200, `"new":true`},
		"300 seconds ahead":            {one, sign(one, today.Add(300*time.Second), secret), 200, `"new":true`},
		"other schemes beside it":      {one, good + ",v0=abcd", 200, `"new":true`},
		"no header":                    {one, "", 400, "Stripe-Signature is missing"},
		"replayed":                     {one, sign(one, today.Add(-301*time.Second), secret), 400, "5m1s ago"},
		"from the future":              {one, sign(one, today.Add(301*time.Second), secret), 400, "5m1s in the future"},
		"far from the future":          {one, sign(one, today.AddDate(200, 0, 0), secret), 400, "in the future"},
		"forged":                       {forged, good, 400, "signature does not hold"},
		"another secret":               {one, sign(one, today, "whsec_somebody_elses"), 400, "signature does not hold"},
		"no secret":                    {one, sign(one, today, ""), 400, "signature does not hold"},
		"a space more":                 {one + " ", good, 400, "signature does not hold"},
		"no time":                      {one, signature, 400, "one t=SECONDS"},
		"two times, the signed first":  {one, good + ",t=" + strconv.FormatInt(today.Add(time.Minute).Unix(), 10), 400, "one t=SECONDS"},
		"two times, the signed last":   {one, "t=" + strconv.FormatInt(today.Unix(), 10) + "," + sign(one, today.Add(-time.Hour), secret), 400, "one t=SECONDS"},
		"no number":                    {one, "t=now," + signature, 400, "one t=SECONDS"},
		"a huge number":                {one, "t=99999999999999999999," + signature, 400, "one t=SECONDS"},
		"the older scheme only":        {one, strings.Replace(good, "v1=", "v0=", 1), 400, "signature does not hold"},
		"no hex":                       {one, strings.Replace(good, "v1=", "v1=zz", 1), 400, "signature does not hold"},
		"the live endpoint's secret":   {one, sign(one, today, "whsec_live_secret"), 400, "livemode false"},
		"a live event, tests' secret":  {strings.Replace(one, "false", "true", 1), sign(strings.Replace(one, "false", "true", 1), today, secret), 400, "livemode true"},
		"a live event":                 {strings.Replace(one, "false", "true", 1), sign(strings.Replace(one, "false", "true", 1), today, "whsec_live_secret"), 200, `"new":true`},
		"no event":                     {`{"hello": 1}`, sign(`{"hello": 1}`, today, secret), 400, "does not begin with evt_"},
		"no JSON":                      {`hello`, sign(`hello`, today, secret), 400, "no event of Stripe's"},
		"nothing":                      {``, sign(``, today, secret), 400, "no event of Stripe's"},
		"no mode":                      {`{"id": "evt_1", "type": "x"}`, sign(`{"id": "evt_1", "type": "x"}`, today, secret), 400, "live mode"},
		"a megabyte":                   {strings.Repeat(" ", 1<<20), "t=1,v1=00", 400, "signature"},
		"more than a megabyte":         {strings.Repeat(" ", 1<<20+1), "t=1,v1=00", 413, "at most 1048576 bytes"},
		"more than that, well signed":  {one + strings.Repeat(" ", 1<<20), sign(one+strings.Repeat(" ", 1<<20), today, secret), 413, "too_large"},
		"its own account named":        {body("evt_1", `, "account": "acct_one"`), sign(body("evt_1", `, "account": "acct_one"`), today, secret), 200, `"new":true`},
		"an account not connected":     {body("evt_1", `, "account": "acct_foreign"`), sign(body("evt_1", `, "account": "acct_foreign"`), today, secret), 200, "acct_foreign is not connected here"},
		"an account with a fancy name": {body("evt_1", `, "account": "../x"`), sign(body("evt_1", `, "account": "../x"`), today, secret), 200, "is not connected here"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newReceiver(t, t.TempDir())
			status, answer := r.send(webhooks.Path+"acct_one", c.body, c.header)
			require.Equal(t, c.status, status, answer)
			require.Contains(t, answer, c.say)
			if strings.Contains(answer, `"new":true`) {
				require.Len(t, r.stored("acct_one"), 1)
				require.Len(t, r.woken, 1)
			} else {
				require.Empty(t, r.stored("acct_one"))
				require.Empty(t, r.woken)
			}
			require.NotContains(t, r.log.String()+answer, "whsec_")
			require.NotContains(t, r.log.String(), "in_1", "what an event holds is not logged")
		})
	}
}

// TestOnce: the same event, again and at the same time, is stored once, as it came first.
func TestOnce(t *testing.T) {
	for name, where := range map[string]func(*testing.T) string{
		"sqlite": func(t *testing.T) string { return t.TempDir() }, "postgres": func(t *testing.T) string { return pgtest.URL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newReceiver(t, where(t))
			first := body("evt_1", `, "pending_webhooks": 2`)
			status, answer := r.send(webhooks.Path+"acct_one", first, sign(first, today, secret))
			require.Equal(t, 200, status, answer)
			again := body("evt_1", `, "pending_webhooks": 1`)
			status, answer = r.send(webhooks.Path+"acct_one", again, sign(again, today, secret))
			require.Equal(t, 200, status)
			require.Contains(t, answer, `"new":false`)
			events, err := r.store.EventsAfter(t.Context(), store.EventAccount{Account: "acct_one"}, 0, 10)
			require.NoError(t, err)
			require.Len(t, events, 1)
			require.Equal(t, first, string(events[0].Raw))

			var all sync.WaitGroup
			fresh := make([]int, 40)
			for i := range fresh {
				all.Go(func() {
					added, err := r.store.PutEvent(context.Background(), store.Event{EventAccount: store.EventAccount{Account: "acct_two"}, ID: fmt.Sprintf("evt_%d", i%10), Type: "x", Raw: []byte("{}")})
					if err != nil {
						t.Error(err)
					}
					if added {
						fresh[i] = 1
					}
				})
			}
			all.Wait()
			n := 0
			for _, one := range fresh {
				n += one
			}
			require.Equal(t, 10, n)
			require.Len(t, r.stored("acct_two"), 10, "and their numbers have no gaps")
			added, err := r.store.PutEvent(t.Context(), store.Event{EventAccount: store.EventAccount{Account: "acct_two", Livemode: true}, ID: "evt_1", Type: "x", Raw: []byte("{}")})
			require.NoError(t, err)
			require.True(t, added, "the other mode is another account")
		})
	}
}

func TestAddresses(t *testing.T) {
	r := newReceiver(t, t.TempDir())
	one := body("evt_1", "")
	for path, want := range map[string]int{
		webhooks.Path + "acct_other": 404, webhooks.Path + "acct_one/more": 404, webhooks.Path: 404, webhooks.Path + "..%2F..%2Fetc": 404,
		webhooks.Path + "acct_%2e%2e": 404, webhooks.Path + "acct_" + strings.Repeat("x", 99): 404,
	} {
		status, answer := r.send(path, one, sign(one, today, secret))
		require.Equal(t, want, status, path+answer)
	}
	w := httptest.NewRecorder()
	webhooks.New(webhooks.Config{}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, webhooks.Path+"acct_one", nil))
	require.Equal(t, http.StatusMethodNotAllowed, w.Code)
	require.Empty(t, r.stored("acct_one"))
}

// TestAway: what cannot be stored is answered with 500, so that Stripe sends it again, and says nothing about the inside.
func TestAway(t *testing.T) {
	r := newReceiver(t, t.TempDir())
	one := body("evt_1", "")
	r.wake = errors.New("no queue")
	status, answer := r.send(webhooks.Path+"acct_one", one, sign(one, today, secret))
	require.Equal(t, 200, status, "it is stored, and a sweep finds it: "+answer)
	good := r.endpoints
	r.endpoints = func(string) ([]webhooks.Endpoint, error) { return nil, errors.New("/keys/acct_one.whsec: denied") }
	status, answer = r.send(webhooks.Path+"acct_one", one, sign(one, today, secret))
	require.Equal(t, 500, status)
	require.NotContains(t, answer, "/keys")
	r.endpoints = good
	r.connected = func(context.Context, store.EventAccount) (bool, error) { return false, errors.New("away") }
	other := body("evt_1", `, "account": "acct_foreign"`)
	status, _ = r.send(webhooks.Path+"acct_one", other, sign(other, today, secret))
	require.Equal(t, 500, status)
	require.NoError(t, r.store.Close())
	status, answer = r.send(webhooks.Path+"acct_one", one, sign(one, today, secret))
	require.Equal(t, 500, status)
	require.Contains(t, answer, "Stripe sends it again")
}

// TestConnect: a platform's endpoint tells of the accounts that are connected to it, also of their tests.
func TestConnect(t *testing.T) {
	r := newReceiver(t, t.TempDir())
	r.connected = func(_ context.Context, of store.EventAccount) (bool, error) { return of.Account == "acct_mine", nil }
	one := body("evt_1", `, "account": "acct_mine"`)
	status, answer := r.send(webhooks.Path+"acct_one", one, sign(one, today, "whsec_live_secret"))
	require.Equal(t, 200, status, answer)
	require.Equal(t, []string{"evt_1"}, r.stored("acct_mine"))
	require.Equal(t, []store.EventAccount{{Account: "acct_mine"}}, r.woken)
	newer := `{"id": "evt_2", "object": "v2.core.event", "type": "v1.billing.meter.no_meter_found", "created": "2027-03-01T09:00:00.123Z", "livemode": true, "context": "acct_mine"}`
	status, answer = r.send(webhooks.Path+"acct_one", newer, sign(newer, today, "whsec_live_secret"))
	require.Equal(t, 200, status, answer)
	require.Len(t, r.stored("acct_mine"), 2)
}

func TestSecretsOfADirectory(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), mode))
		require.NoError(t, os.Chmod(filepath.Join(dir, name), mode))
	}
	write("acct_one.test.whsec", "whsec_aaaaaaa\n\nwhsec_bbbbbbb\n", 0o600)
	write("acct_one.live.whsec", "  whsec_ccccccc", 0o600)
	write("acct_two.whsec", "whsec_ddddddd", 0o400)
	write("acct_open.whsec", "whsec_ddddddd", 0o644)
	write("acct_key.whsec", "sk_live_4711", 0o600)
	write("acct_long.whsec", strings.Repeat("whsec_ddddddd\n", 999), 0o600)
	endpoints := webhooks.Dir(dir, webhooks.Live)
	got, err := endpoints("acct_one")
	require.NoError(t, err)
	require.ElementsMatch(t, []webhooks.Endpoint{{Secrets: []string{"whsec_aaaaaaa", "whsec_bbbbbbb"}}, {Livemode: true, Secrets: []string{"whsec_ccccccc"}}}, got)
	got, err = endpoints("acct_two")
	require.NoError(t, err)
	require.Equal(t, []webhooks.Endpoint{{Livemode: true, Secrets: []string{"whsec_ddddddd"}}}, got)
	for _, name := range []string{"acct_none", "../acct_one", "acct_one.test", ""} {
		got, err = endpoints(name)
		require.NoError(t, err)
		require.Empty(t, got)
	}
	for name, say := range map[string]string{"acct_open": "chmod 600", "acct_key": "acct_key.whsec:1 is no signing secret", "acct_long": "too long"} {
		_, err = endpoints(name)
		require.ErrorContains(t, err, say)
		require.NotContains(t, err.Error(), "4711")
	}
	write("acct_one.test.whsec", "whsec_eeeeeee\n", 0o600)
	got, err = endpoints("acct_one")
	require.NoError(t, err)
	require.Contains(t, got, webhooks.Endpoint{Secrets: []string{"whsec_eeeeeee"}}, "a rotation needs no restart")
}

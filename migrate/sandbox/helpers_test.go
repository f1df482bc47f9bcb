package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// start is when the tests' clock begins: 1 March 2026, 09:00 UTC.
var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

const (
	hour = 3600
	day  = 24 * hour

	mostPerCustomer = 500   // current subscriptions, as Stripe allows
	clockCustomers  = 3     // on a test clock, as Stripe allows
	smallTable      = 1_000 // objects of a kind that a store reads at once
)

// testClock is a clock that tests set.
type testClock struct{ at time.Time }

func (c *testClock) now() time.Time { return c.at }

func (c *testClock) pass(seconds int64) { c.at = c.at.Add(time.Duration(seconds) * time.Second) }

// bench is a sandbox with a client for it.
type bench struct {
	testing.TB
	*Server
	clock *testClock
	check func(method, path string, status int, body []byte) // the contract
}

func open4test(t testing.TB, opts Options) *bench {
	clock := &testClock{at: start}
	if opts.Now == nil {
		opts.Now = clock.now
	}
	if opts.Seed == "" {
		opts.Seed = "test"
	}
	s, err := Open(opts)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return &bench{TB: t, Server: s, clock: clock, check: underContract(t)}
}

// reply is an answer, decoded.
type reply struct {
	testing.TB
	status int
	header http.Header
	raw    string
	body   map[string]any
}

// do sends one request. Parameters are pairs: "customer=cus_1".
func (b *bench) do(method, path string, pairs ...string) *reply {
	return b.send(b.request(method, path, pairs...))
}

func (b *bench) request(method, path string, pairs ...string) *http.Request {
	b.Helper()
	encoded := encode(pairs)
	target := "http://sandbox" + path
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(encoded)
	} else if encoded != "" {
		target += "?" + encoded
	}
	r, err := http.NewRequest(method, target, body)
	require.NoError(b, err)
	r.Header.Set("Authorization", "Bearer sk_test_123")
	return r
}

func encode(pairs []string) string {
	var parts []string
	for _, pair := range pairs {
		key, value, _ := strings.Cut(pair, "=")
		parts = append(parts, url.QueryEscape(key)+"="+url.QueryEscape(value))
	}
	return strings.Join(parts, "&")
}

func (b *bench) send(r *http.Request) *reply {
	b.Helper()
	answer, err := b.Transport().RoundTrip(r)
	require.NoError(b, err)
	raw, err := io.ReadAll(answer.Body)
	require.NoError(b, err)
	got := &reply{TB: b.TB, status: answer.StatusCode, header: answer.Header, raw: string(raw)}
	require.NoError(b, json.Unmarshal(raw, &got.body), string(raw))
	require.NotEmpty(b, answer.Header.Get("Request-Id"))
	if b.check != nil {
		b.check(r.Method, r.URL.Path, got.status, raw)
	}
	return got
}

func (b *bench) get(path string, pairs ...string) *reply { return b.do(http.MethodGet, path, pairs...) }
func (b *bench) post(path string, pairs ...string) *reply {
	return b.do(http.MethodPost, path, pairs...)
}

// ok requires a 200 and returns the reply.
func (r *reply) ok() *reply {
	r.Helper()
	require.Equal(r.TB, http.StatusOK, r.status, r.raw)
	return r
}

// fails requires an error with this code and parameter whose message contains a text.
func (r *reply) fails(status int, code, param, contains string) {
	r.Helper()
	require.Equal(r.TB, status, r.status, r.raw)
	failed, ok := r.body["error"].(map[string]any)
	require.True(r.TB, ok, r.raw)
	gotCode, _ := failed["code"].(string)
	gotParam, _ := failed["param"].(string)
	require.Equal(r.TB, code, gotCode, r.raw)
	require.Equal(r.TB, param, gotParam, r.raw)
	require.Contains(r.TB, failed["message"], contains)
}

// at returns a value deep in the body: "phases.0.items.0.price".
func (r *reply) at(path string) any {
	r.Helper()
	var value any = r.body
	for _, step := range strings.Split(path, ".") {
		switch node := value.(type) {
		case map[string]any:
			value = node[step]
		case []any:
			require.Less(r.TB, int(step[0]-'0'), len(node), "%s in %s", path, r.raw)
			value = node[step[0]-'0']
		default:
			require.Failf(r.TB, "no such value", "%s in %s", path, r.raw)
		}
	}
	return value
}

func (r *reply) text(path string) string {
	r.Helper()
	value, ok := r.at(path).(string)
	require.True(r.TB, ok, "%s is no text in %s", path, r.raw)
	return value
}

func (r *reply) number(path string) int64 {
	r.Helper()
	value, ok := r.at(path).(float64)
	require.True(r.TB, ok, "%s is no number in %s", path, r.raw)
	return int64(value)
}

// ids are the IDs on a page.
func (r *reply) ids() []string {
	r.Helper()
	var ids []string
	for _, element := range r.ok().at("data").([]any) {
		ids = append(ids, element.(map[string]any)["id"].(string))
	}
	return ids
}

// stock provisions what the tests name.
func (b *bench) stock() *bench {
	b.Helper()
	_, err := b.Provision(Wanted{
		Customers: []string{"cus_1", "cus_2"},
		Products:  []string{"prod_1"},
		Coupons:   []string{"TEN"},
		TaxRates:  []string{"txr_1"},
		Prices:    []WantedPrice{{ID: "price_1"}, {ID: "price_2"}, {ID: "price_year", Interval: "year"}, {ID: "price_eur", Currency: "eur"}},
	})
	require.NoError(b, err)
	return b
}

// schedule are the parameters of a plain schedule that starts in two days, with more appended or, for the same key,
// replaced.
func schedule(more ...string) []string {
	pairs := []string{
		"customer=cus_1",
		"start_date=" + unix(2*day),
		"end_behavior=release",
		"phases[0][items][0][price]=price_1",
		"phases[0][items][0][quantity]=2",
		"phases[0][iterations]=1",
	}
	for _, one := range more {
		key, _, set := strings.Cut(one, "=")
		pairs = drop(pairs, key)
		if set {
			pairs = append(pairs, one)
		}
	}
	return pairs
}

func drop(pairs []string, key string) []string {
	var kept []string
	for _, pair := range pairs {
		if !strings.HasPrefix(pair, key+"=") {
			kept = append(kept, pair)
		}
	}
	return kept
}

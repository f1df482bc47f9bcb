package sandbox

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// keyed sends a POST with an idempotency key.
func (b *bench) keyed(key, path string, pairs ...string) *reply {
	b.Helper()
	r := b.request(http.MethodPost, path, pairs...)
	r.Header.Set("Idempotency-Key", key)
	return b.send(r)
}

const schedulesPath = "/v1/subscription_schedules"

func TestAuthentication(t *testing.T) {
	b := open4test(t, Options{})
	for header, want := range map[string]string{
		"":                             "You did not provide an API key",
		"Bearer ":                      "You did not provide an API key",
		"Basic !!!":                    "You did not provide an API key",
		"Bearer pk_test_12345":         "Invalid API Key provided: pk_**********",
		"Bearer sk_test_":              "Invalid API Key provided",
		"Bearer sk_live_secretsecret":  "This is the subferry sandbox, not Stripe",
		"Bearer rk_live_secretsecret":  "This is the subferry sandbox, not Stripe",
		"Basic c2tfbGl2ZV9zZWNyZXQ6":   "This is the subferry sandbox, not Stripe",
		"Bearer something else at all": "Invalid API Key provided",
	} {
		r := b.request(http.MethodGet, "/v1/account")
		r.Header.Set("Authorization", header)
		got := b.send(r)
		got.fails(http.StatusUnauthorized, "", "", want)
		require.NotContains(t, got.raw, "secret")
	}
	for _, header := range []string{"Bearer sk_test_1", "Bearer rk_test_1", "Basic c2tfdGVzdF8xOg=="} {
		r := b.request(http.MethodGet, "/v1/account")
		r.Header.Set("Authorization", header)
		require.Equal(t, b.Account(), b.send(r).ok().text("id"))
	}
}

func TestStripeAccountHeader(t *testing.T) {
	b := open4test(t, Options{})
	r := b.request(http.MethodGet, "/v1/account")
	r.Header.Set("Stripe-Account", b.Account())
	b.send(r).ok()
	r.Header.Set("Stripe-Account", "acct_other")
	b.send(r).fails(http.StatusForbidden, "account_invalid", "", "does not have access to account 'acct_other'")
}

func TestUnknownURL(t *testing.T) {
	b := open4test(t, Options{})
	b.check = nil
	b.get("/v1/charges").fails(404, "", "", "Unrecognized request URL (GET: /v1/charges).")
	b.post("/v1/account").fails(404, "", "", "Unrecognized request URL (POST: /v1/account).")
}

func TestSameKeyReplaysTheAnswer(t *testing.T) {
	b := open4test(t, Options{}).stock()
	first := b.keyed("k", schedulesPath, schedule()...).ok()
	require.Empty(t, first.header.Get("Idempotent-Replayed"))
	b.post(schedulesPath + "/" + first.text("id") + "/cancel").ok()

	second := b.keyed("k", schedulesPath, schedule()...).ok()
	require.Equal(t, "true", second.header.Get("Idempotent-Replayed"))
	require.Equal(t, first.raw, second.raw, "the answer as it was then, not the object as it is now")
	require.Len(t, b.get(schedulesPath).ids(), 1)

	got := b.keyed("k", schedulesPath, schedule("metadata[a]=b")...)
	got.fails(http.StatusBadRequest, "", "", "Keys for idempotent requests can only be used with the same parameters")
	require.Equal(t, "idempotency_error", got.text("error.type"))
}

// A key that was used for one endpoint is refused at another one, whichever comes first.
func TestAKeyBelongsToItsEndpoint(t *testing.T) {
	b := open4test(t, Options{}).stock()
	subscription := []string{"customer=cus_1", "items[0][price]=price_1"}
	b.keyed("k", schedulesPath, schedule()...).ok()
	b.keyed("l", "/v1/subscriptions", subscription...).ok()
	for _, got := range []*reply{b.keyed("k", "/v1/subscriptions", subscription...), b.keyed("l", schedulesPath, schedule()...)} {
		got.fails(http.StatusBadRequest, "", "", "Keys for idempotent requests can only be used")
		require.Equal(t, "idempotency_error", got.text("error.type"))
		require.Empty(t, got.header.Get("Idempotent-Replayed"))
	}
	require.Len(t, b.get(schedulesPath).ids(), 1)
	require.Len(t, b.get("/v1/subscriptions").ids(), 1)
}

func TestKeysAreForgottenAfterADay(t *testing.T) {
	b := open4test(t, Options{}).stock()
	first := b.keyed("k", schedulesPath, schedule("start_date="+unix(9*day))...).ok()
	b.clock.pass(day - 1)
	require.Equal(t, first.raw, b.keyed("k", schedulesPath, schedule("start_date="+unix(9*day))...).ok().raw)
	b.clock.pass(1)
	require.NotEqual(t, first.text("id"), b.keyed("k", schedulesPath, schedule("start_date="+unix(9*day))...).ok().text("id"))
}

func TestRefusalsAreNotRemembered(t *testing.T) {
	b := open4test(t, Options{}).stock()
	b.keyed("k", schedulesPath, schedule("customer=cus_3")...).fails(400, "resource_missing", "customer", "")
	_, err := b.Provision(Wanted{Customers: []string{"cus_3"}})
	require.NoError(t, err)
	b.keyed("k", schedulesPath, schedule("customer=cus_3")...).ok()
}

func TestSameKeyWhileInFlight(t *testing.T) {
	b := open4test(t, Options{Fault: func(r *http.Request) Fault {
		if r.Header.Get("Slow") != "" {
			return Fault{Delay: 300 * time.Millisecond}
		}
		return Fault{}
	}}).stock()
	slow := b.request(http.MethodPost, schedulesPath, schedule()...)
	slow.Header.Set("Slow", "yes")
	slow.Header.Set("Idempotency-Key", "k")
	done := make(chan *http.Response)
	go func() {
		answer, err := b.Transport().RoundTrip(slow)
		if err != nil {
			answer = nil
		}
		done <- answer
	}()
	for !b.inFlight() {
		time.Sleep(time.Millisecond)
	}
	b.keyed("k", schedulesPath, schedule()...).fails(http.StatusConflict, "idempotency_key_in_use", "", "currently another in-progress request")
	answer := <-done
	require.NotNil(t, answer)
	require.Equal(t, 200, answer.StatusCode)
	require.Equal(t, "true", b.keyed("k", schedulesPath, schedule()...).ok().header.Get("Idempotent-Replayed"))
}

// TestFaults shows, for each fault, what the first attempt gets, how many schedules exist then, and what a second
// attempt with the same key gets.
func TestFaults(t *testing.T) {
	for _, test := range []struct {
		name          string
		fault         Fault
		first         int // status; 0 is a lost connection
		exist         int
		second        int
		replayed      string
		existAfterAll int
	}{
		{"500 before executing", Fault{Kind: ServerError}, 500, 0, 500, "true", 0},
		{"500 after executing", Fault{Kind: ServerError, When: AfterExecuting}, 500, 1, 500, "true", 1},
		{"503", Fault{Kind: Unavailable}, 503, 0, 200, "", 1},
		{"lock timeout", Fault{Kind: LockTimeout}, 429, 0, 200, "", 1},
		{"rate limit", Fault{Kind: RateLimit}, 429, 0, 200, "", 1},
		{"drop before executing", Fault{Kind: Drop}, 0, 0, 200, "", 1},
		{"drop after executing", Fault{Kind: Drop, When: AfterExecuting}, 0, 1, 200, "true", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			pending := []Fault{test.fault}
			b := open4test(t, Options{Fault: func(r *http.Request) Fault {
				if r.Method != http.MethodPost || len(pending) == 0 {
					return Fault{}
				}
				next := pending[0]
				pending = nil
				return next
			}}).stock()
			r := b.request(http.MethodPost, schedulesPath, schedule()...)
			r.Header.Set("Idempotency-Key", "k")
			answer, err := b.Transport().RoundTrip(r)
			if test.first == 0 {
				require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			} else {
				require.NoError(t, err)
				require.Equal(t, test.first, answer.StatusCode)
			}
			require.Len(t, b.get(schedulesPath).ids(), test.exist)

			again := b.keyed("k", schedulesPath, schedule()...)
			require.Equal(t, test.second, again.status)
			require.Equal(t, test.replayed, again.header.Get("Idempotent-Replayed"))
			require.Len(t, b.get(schedulesPath).ids(), test.existAfterAll)
		})
	}
}

func TestRateLimits(t *testing.T) {
	for _, test := range []struct {
		limits Limits
		reason string
	}{
		{Limits{Global: 3}, "global-rate"},
		{Limits{PerEndpoint: 3}, "endpoint-rate"},
	} {
		b := open4test(t, Options{Limits: test.limits})
		for range 3 {
			b.get("/v1/customers").ok()
		}
		got := b.get("/v1/customers")
		got.fails(http.StatusTooManyRequests, "rate_limit", "", "Request rate limit exceeded")
		require.Equal(t, test.reason, got.header.Get("Stripe-Rate-Limited-Reason"))
		b.clock.pass(1)
		b.get("/v1/customers").ok()
	}
	b := open4test(t, Options{Limits: Limits{PerEndpoint: 1}})
	b.get("/v1/customers").ok()
	b.get("/v1/prices").ok()
}

func TestExpand(t *testing.T) {
	b := open4test(t, Options{}).stock()
	got := b.post(schedulesPath, schedule("expand[0]=customer", "expand[1]=phases.items.price")...).ok()
	require.Equal(t, "cus_1", got.text("customer.id"))
	require.Equal(t, "price_1", got.text("phases.0.items.0.price.id"))
	require.Equal(t, "cus_1", b.get(schedulesPath, "expand[]=data.customer").ok().text("data.0.customer.id"))
	b.get("/v1/prices", "expand[]=data.tiers", "expand[]=data.product", "expand[]=data.currency_options").ok()
	b.get(schedulesPath, "expand[]=data.phases.items.price").ok()
	b.get(schedulesPath, "expand[]=customer").fails(400, "", "expand", "This property cannot be expanded (customer).")
	b.get(schedulesPath+"/"+got.text("id"), "expand[]=status").fails(400, "", "expand", "cannot be expanded (status)")
}

func (b *bench) inFlight() bool {
	held := false
	require.NoError(b, b.store.Do(func() error {
		held = len(b.Server.inFlight) > 0
		return nil
	}))
	return held
}

func TestFaultsCanReadTheBody(t *testing.T) {
	b := open4test(t, Options{Fault: func(r *http.Request) Fault {
		if r.Body == nil {
			return Fault{}
		}
		if body, err := io.ReadAll(r.Body); err == nil && strings.Contains(string(body), "cus_2") {
			return Fault{Kind: Unavailable}
		}
		return Fault{}
	}}).stock()
	b.post(schedulesPath, schedule()...).ok()
	require.Equal(t, http.StatusServiceUnavailable, b.post(schedulesPath, schedule("customer=cus_2")...).status)
}

func TestKeysHaveALimit(t *testing.T) {
	b := open4test(t, Options{}).stock()
	b.keyed(strings.Repeat("k", 255), schedulesPath, schedule()...).ok()
	b.keyed(strings.Repeat("k", 256), schedulesPath, schedule()...).fails(400, "", "", "at most 255")
}

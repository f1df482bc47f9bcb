package gateway_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/usage"
)

// wire answers every request with the same, and keeps the last one.
type wire struct {
	status      int
	answer      string
	method, url string
	header      http.Header
	body        string
	broken      error
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	body := []byte{}
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	w.method, w.url, w.header, w.body = r.Method, r.URL.String(), r.Header, string(body)
	if w.broken != nil {
		return nil, w.broken
	}
	return &http.Response{StatusCode: w.status, Header: http.Header{"Request-Id": {"req_7"}}, Body: io.NopCloser(strings.NewReader(w.answer)), Request: r}, nil
}

func metersOver(t *testing.T, w *wire) *gateway.Gateway {
	key, err := gateway.NewKey("sk_live_verysecret")
	require.NoError(t, err)
	g, err := gateway.New(gateway.Config{Key: key, HTTP: w})
	require.NoError(t, err)
	return g
}

func message() usage.Message {
	return usage.Message{Identifier: "use-1", Meter: "api_calls", Timestamp: 1798761600, Payload: []csvspec.KeyValue{{Key: "stripe_customer_id", Value: "cus_1"}, {Key: "value", Value: "0.5"}}}
}

func TestAnEventIsSentWithItsIdentifierAndTime(t *testing.T) {
	w := &wire{status: 200, answer: `{"object":"billing.meter_event","identifier":"use-1"}`}
	id, err := metersOver(t, w).SendUsage(t.Context(), message())
	require.NoError(t, err)
	require.Equal(t, "req_7", id)
	require.Equal(t, "https://api.stripe.com/v1/billing/meter_events", w.url)
	require.Equal(t, gateway.APIVersion, w.header.Get("Stripe-Version"))
	for _, pair := range []string{"event_name=api_calls", "identifier=use-1", "timestamp=1798761600", "payload[stripe_customer_id]=cus_1", "payload[value]=0.5"} {
		require.Contains(t, strings.NewReplacer("%5B", "[", "%5D", "]").Replace(w.body), pair)
	}
	w.answer = `{"object":"something else"}`
	_, err = metersOver(t, w).SendUsage(t.Context(), message())
	require.Error(t, err, "a text of something else is not taken for success")
}

func TestACancellationNamesTheEvent(t *testing.T) {
	w := &wire{status: 200, answer: `{"object":"billing.meter_event_adjustment","status":"pending"}`}
	_, err := metersOver(t, w).CancelUsage(t.Context(), "api_calls", "use-1")
	require.NoError(t, err)
	require.Equal(t, "https://api.stripe.com/v1/billing/meter_event_adjustments", w.url)
	require.Contains(t, strings.NewReplacer("%5B", "[", "%5D", "]").Replace(w.body), "cancel[identifier]=use-1")
	require.Contains(t, w.body, "type=cancel")
}

func TestSumsAreKeptAsStripeWritesThem(t *testing.T) {
	w := &wire{status: 200, answer: `{"object":"list","has_more":true,"data":[{"id":"s1","start_time":60,"end_time":120,"aggregated_value":123456789012345.5}]}`}
	page, err := metersOver(t, w).Summaries(t.Context(), usage.SummaryQuery{Meter: "mtr_1", Customer: "cus_1", Start: 60, End: 120, Window: usage.WindowHour, After: "s0"})
	require.NoError(t, err)
	require.Equal(t, usage.SummaryPage{More: true, Summaries: []usage.MeterSummary{{ID: "s1", Start: 60, End: 120, Value: "123456789012345.5"}}}, page)
	require.Equal(t, "https://api.stripe.com/v1/billing/meters/mtr_1/event_summaries?customer=cus_1&end_time=120&limit=100&start_time=60&starting_after=s0&value_grouping_window=hour", sorted(w.url))
}

// sorted returns a URL with its parameters in order.
func sorted(text string) string {
	r, err := http.NewRequest("GET", text, nil)
	if err != nil {
		return text
	}
	r.URL.RawQuery = r.URL.Query().Encode()
	return r.URL.String()
}

// The stream's two requests: the key goes to the API alone, the session's token to the stream alone.
func TestTheStreamsRequests(t *testing.T) {
	w := &wire{status: 200, answer: `{"object":"v2.billing.meter_event_session","authentication_token":"token_secret","expires_at":"2027-01-01T00:15:00Z"}`}
	g := metersOver(t, w)
	s, err := g.StreamSession(t.Context())
	require.NoError(t, err)
	require.Equal(t, "https://api.stripe.com/v2/billing/meter_event_session", w.url)
	require.Equal(t, "Bearer sk_live_verysecret", w.header.Get("Authorization"))
	require.Equal(t, gateway.StreamVersion, w.header.Get("Stripe-Version"))
	require.Equal(t, time.Date(2027, 1, 1, 0, 15, 0, 0, time.UTC), s.Expires)
	require.NotContains(t, fmt.Sprintf("%v %+v %s", s, s, s), "token_secret")

	w.answer = "{}"
	id, err := g.StreamUsage(t.Context(), s, []usage.Message{message()})
	require.NoError(t, err)
	require.Equal(t, "req_7", id)
	require.Equal(t, gateway.StreamURL+"/v2/billing/meter_event_stream", w.url)
	require.Equal(t, "Bearer token_secret", w.header.Get("Authorization"))
	require.JSONEq(t, `{"events":[{"event_name":"api_calls","identifier":"use-1","payload":{"stripe_customer_id":"cus_1","value":"0.5"},"timestamp":"2027-01-01T00:00:00Z"}]}`, w.body)
}

func TestWhatIsKnownOfAStreamRequest(t *testing.T) {
	session := usage.Session{Token: func() string { return "t" }}
	for _, c := range []struct {
		wire    wire
		outcome migrate.Outcome
		code    string
	}{
		{wire{status: 400, answer: `{"error":{"code":"duplicate_meter_event","message":"An event already exists with identifier use-1.","type":"invalid_request_error"}}`}, migrate.Refused, "duplicate_meter_event"},
		{wire{status: 401, answer: `{"error":{"code":"billing_meter_event_session_expired","message":"expired"}}`}, migrate.Refused, "billing_meter_event_session_expired"},
		{wire{status: 429, answer: `{"error":{"code":"rate_limit","message":"slow down"}}`}, migrate.Retryable, "rate_limit"},
		{wire{status: 500, answer: `{"error":{"message":"our fault"}}`}, migrate.Unknown, ""},
		{wire{status: 503, answer: `{"error":{"message":"later"}}`}, migrate.Retryable, ""},
		{wire{status: 502, answer: `<html>`}, migrate.Unknown, ""},
		{wire{status: 404, answer: `<html>a proxy</html>`}, migrate.Unknown, ""},
		{wire{status: 200, answer: `<html>a portal</html>`}, migrate.Unknown, ""},
		{wire{broken: context.DeadlineExceeded}, migrate.Unknown, ""},
	} {
		_, err := metersOver(t, &c.wire).StreamUsage(t.Context(), session, []usage.Message{message()})
		var failure *migrate.StripeError
		require.ErrorAs(t, err, &failure, c.wire.answer)
		require.Equal(t, c.outcome, failure.Outcome, "%d %s", c.wire.status, c.wire.answer)
		require.Equal(t, c.code, failure.Code)
		require.NotContains(t, err.Error(), "verysecret")
	}
}

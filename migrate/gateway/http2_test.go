package gateway_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
)

// TestHTTP2 is what Stripe speaks: many requests on one connection, which tells of a connection in its own way.
func TestHTTP2(t *testing.T) {
	var requests atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.ProtoMajor != 2 {
			t.Errorf("%s", r.Proto)
		}
		if requests.Add(1) == 1 {
			_, _ = io.WriteString(w, createdJSON)
			return
		}
		panic(http.ErrAbortHandler) // resets the stream
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	transport := server.Client().Transport.(*http.Transport)
	g := newGateway(t, gateway.Config{BaseURL: server.URL, HTTP: transport, Timeout: 5 * time.Second})

	_, err := g.CreateSchedule(t.Context(), someSchedule(), "key 1")
	require.NoError(t, err)
	failed := create(t, t.Context(), g)
	require.Equal(t, migrate.Unknown, failed.Outcome, failed)
	require.EqualValues(t, 2, requests.Load(), "nothing is sent twice")

	server.CloseClientConnections()
	server.Close()
	failed = create(t, t.Context(), g)
	require.Equal(t, migrate.Retryable, failed.Outcome, failed)
}

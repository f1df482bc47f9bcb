package gateway_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/schedule"
)

// typicalSchedule is a row as most files have it: one price, four metadata keys.
func typicalSchedule() schedule.Schedule {
	s := someSchedule()
	s.Phase.Items[0].Quantity = csvspec.Of(1)
	s.Phase.ProrationBehavior = "none"
	s.Phase.CollectionMethod = "charge_automatically"
	s.Metadata = csvspec.Metadata{
		{Key: "third_party_sub_id", Value: "zuora-00000417"}, {Key: "source", Value: "external:zuora"},
		{Key: "original_start_date", Value: "1803859200"}, {Key: "subferry", Value: "mig_01hzx3m9k2:00000417"},
	}
	s.Phase.Metadata = s.Metadata[:3]
	return s
}

// BenchmarkCreateSchedule is the processor time of one call on our side: parameters, stripe-go, the answer. The
// answer is as long as Stripe's.
func BenchmarkCreateSchedule(b *testing.B) {
	text, err := os.ReadFile(filepath.Join("testdata", "schedule.json"))
	require.NoError(b, err)
	b.Run("in process", func(b *testing.B) {
		benchmarkCreate(b, gateway.Config{HTTP: roundTripper(func(req *http.Request) (*http.Response, error) {
			_, _ = io.Copy(io.Discard, req.Body)
			return answerWith(http.StatusOK, string(text)), nil
		})})
	})
	b.Run("over loopback", func(b *testing.B) {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			_, _ = io.Copy(io.Discard, req.Body)
			w.Header().Set("Request-Id", "req_1")
			_, _ = io.Copy(w, strings.NewReader(string(text)))
		}))
		defer server.Close()
		benchmarkCreate(b, gateway.Config{BaseURL: server.URL})
	})
}

func benchmarkCreate(b *testing.B, cfg gateway.Config) {
	b.Helper()
	key, err := gateway.NewKey(testSecret)
	require.NoError(b, err)
	cfg.Key = key
	g, err := gateway.New(cfg)
	require.NoError(b, err)
	s := typicalSchedule()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := g.CreateSchedule(b.Context(), s, "mig_01hzx3m9k2/00000417/1"); err != nil {
			b.Fatal(err)
		}
	}
}

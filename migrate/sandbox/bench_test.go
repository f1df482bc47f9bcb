package sandbox

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// BenchmarkCreateSchedule is one schedule through Transport, in memory and in a directory: the sandbox's share of every
// row of a large run.
func BenchmarkCreateSchedule(b *testing.B) {
	for _, where := range []string{"memory", "disk"} {
		b.Run(where, func(b *testing.B) {
			opts := Options{}
			if where == "disk" {
				opts.Dir = b.TempDir()
			}
			server := open4test(b, opts)
			server.provisionMany(b.N)
			transport := server.Transport()
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				createOne(b, transport, i)
			}
		})
	}
}

func (b *bench) provisionMany(count int) {
	b.Helper()
	wanted := Wanted{Prices: []WantedPrice{{ID: "price_1"}}}
	for i := range count {
		wanted.Customers = append(wanted.Customers, fmt.Sprintf("cus_%d", i))
	}
	if _, err := b.Provision(wanted); err != nil {
		b.Fatal(err)
	}
}

func createOne(b testing.TB, transport http.RoundTripper, i int) {
	body := encode(schedule(fmt.Sprintf("customer=cus_%d", i), "metadata[third_party_sub_id]=sub_1234", "phases[0][metadata][third_party_sub_id]=sub_1234",
		"phases[0][proration_behavior]=none", "phases[0][collection_method]=charge_automatically"))
	r, err := http.NewRequest(http.MethodPost, "http://sandbox/v1/subscription_schedules", strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer sk_test_123")
	r.Header.Set("Idempotency-Key", fmt.Sprintf("key-%d", i))
	answer, err := transport.RoundTrip(r)
	if err != nil {
		b.Fatal(err)
	}
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(answer.Body)
		b.Fatalf("%d: %s", answer.StatusCode, text)
	}
}

// BenchmarkOpen is opening a directory with 100,000 customers and schedules.
func BenchmarkOpen(b *testing.B) {
	const count = 100_000
	opts := Options{Dir: b.TempDir()}
	server := open4test(b, opts)
	server.provisionMany(count)
	for i := range count {
		createOne(b, server.Transport(), i)
	}
	if err := server.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s, err := Open(opts)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkProvision is 100,000 customers.
func BenchmarkProvision(b *testing.B) {
	for b.Loop() {
		open4test(b, Options{Dir: b.TempDir()}).provisionMany(100_000)
	}
}

// BenchmarkAdvance is 20,000 schedules through go-live and two renewals: three invoices each, in memory.
func BenchmarkAdvance(b *testing.B) {
	const count = 20_000
	for b.Loop() {
		b.StopTimer()
		server := open4test(b, Options{})
		server.provisionMany(count)
		for i := range count {
			createOne(b, server.Transport(), i)
		}
		b.StartTimer()
		server.advance("2026-05-10")
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/(3*count), "µs/invoice")
}

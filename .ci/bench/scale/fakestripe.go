package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// fakeStripe plays Stripe: it makes every schedule at once and remembers none.
type fakeStripe struct {
	after  int64         // how many schedules are enough; 0 is never
	enough chan struct{} // closed then
	made   atomic.Int64
	once   sync.Once
	first  time.Time // when the first schedule was asked for
}

// RoundTrip implements http.RoundTripper.
func (s *fakeStripe) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return nil, err
		}
		if err := r.Body.Close(); err != nil {
			return nil, err
		}
	}
	text := s.answer(r)
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}, "Request-Id": {fmt.Sprintf("req_%014d", s.made.Load())}},
		Body:   io.NopCloser(strings.NewReader(text)), ContentLength: int64(len(text)),
	}, nil
}

const (
	account = `{"id":"acct_1BenchmarkBench1","object":"account"}`
	noneYet = `{"object":"list","data":[],"has_more":false}`
	price   = `{"id":"price_bench","object":"price","active":true,"currency":"usd","type":"recurring","unit_amount":1999,` +
		`"product":"prod_bench","recurring":{"interval":"month","interval_count":1,"usage_type":"licensed"}}`
	schedule = `{"id":"sub_sched_%024d","object":"subscription_schedule","status":"not_started","created":1767225600,` +
		`"customer":"cus_1","end_behavior":"release","livemode":false,"metadata":{},"phases":[]}`
)

func (s *fakeStripe) answer(r *http.Request) string {
	switch {
	case r.Method == http.MethodPost:
		s.once.Do(func() { s.first = time.Now() })
		n := s.made.Add(1)
		if n == s.after {
			close(s.enough)
		}
		return fmt.Sprintf(schedule, n)
	case strings.HasSuffix(r.URL.Path, "/account"):
		return account
	case strings.HasSuffix(r.URL.Path, "/prices/price_bench"):
		return price
	case strings.HasSuffix(r.URL.Path, "/prices"):
		return `{"object":"list","data":[` + price + `],"has_more":false}`
	}
	return noneYet
}

package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

const accountID = "acct_1BenchmarkBench1"

const (
	account = `{"id":"` + accountID + `","object":"account"}`
	noneYet = `{"object":"list","data":[],"has_more":false}`
	tooFast = `{"error":{"type":"invalid_request_error","code":"rate_limit","message":"Too many requests"}}`
	price   = `{"id":"price_bench","object":"price","active":true,"currency":"usd","type":"recurring","unit_amount":1999,` +
		`"product":"prod_bench","recurring":{"interval":"month","interval_count":1,"usage_type":"licensed"}}`
	schedule = `{"id":"sub_sched_%024d","object":"subscription_schedule","status":"not_started","created":1767225600,` +
		`"customer":"cus_1","end_behavior":"release","livemode":false,"metadata":{},"phases":[]}`
)

// limitedStripe plays Stripe: it makes every schedule at once, remembers for which row, and answers 429 to what comes above the
// limit of a second.
type limitedStripe struct {
	limit int

	mu       sync.Mutex
	second   time.Time // when the present one began
	inSecond int
	most     int
	asked    int64
	limited  int64
	made     map[string]int // by the ID in the old system
	first    time.Time      // when the first schedule was made, and the last
	last     time.Time
	perTen   []int // schedules made in each ten seconds since the first
}

func newLimitedStripe(limit int) *limitedStripe {
	return &limitedStripe{limit: limit, made: map[string]int{}}
}

// serve listens on this machine, and returns the address.
func (s *limitedStripe) serve() (string, func(), error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go server.Serve(listener)
	return "http://" + listener.Addr().String(), func() { server.Close() }, nil
}

// ServeHTTP implements http.Handler.
func (s *limitedStripe) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	time.Sleep(50 * time.Millisecond) // as long as a request takes
	w.Header().Set("Content-Type", "application/json")
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if now.Sub(s.second) >= time.Second {
		s.second, s.inSecond = now, 0
	}
	s.asked++
	w.Header().Set("Request-Id", fmt.Sprintf("req_%014d", s.asked))
	if s.inSecond >= s.limit {
		s.limited++
		w.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprint(w, tooFast)
		return
	}
	s.inSecond++
	s.most = max(s.most, s.inSecond)
	switch {
	case r.Method == http.MethodPost:
		if len(s.made) == 0 {
			s.first = now
		}
		s.last = now
		s.made[r.PostForm.Get("metadata[third_party_sub_id]")]++
		slot := int(now.Sub(s.first) / (10 * time.Second))
		for len(s.perTen) <= slot {
			s.perTen = append(s.perTen, 0)
		}
		s.perTen[slot]++
		fmt.Fprintf(w, schedule, len(s.made))
	case strings.HasSuffix(r.URL.Path, "/account"):
		fmt.Fprint(w, account)
	case strings.HasSuffix(r.URL.Path, "/prices/price_bench"):
		fmt.Fprint(w, price)
	case strings.HasSuffix(r.URL.Path, "/prices"):
		fmt.Fprint(w, `{"object":"list","data":[`+price+`],"has_more":false}`)
	default:
		fmt.Fprint(w, noneYet)
	}
}

// report says what was asked for, and whether every row is there once.
func (s *limitedStripe) report(rows int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	twice := 0
	for _, n := range s.made {
		if n != 1 {
			twice++
		}
	}
	took := s.last.Sub(s.first).Seconds()
	fmt.Printf("  schedules              %d of %d rows, %d of them not once\n", len(s.made), rows, twice)
	fmt.Printf("  throughput             %.1f/s of %d/s: %.1f %%", float64(len(s.made))/took, s.limit, 100*float64(len(s.made))/took/float64(s.limit))
	if n := len(s.perTen); n > 4 { // without the search for the limit, and the last seconds
		steady := slices.Clone(s.perTen[2 : n-1])
		slices.Sort(steady)
		fmt.Printf("; of ten seconds, the median %.1f/s", float64(steady[len(steady)/2])/10)
	}
	fmt.Printf("\n  429                    %d of %d requests; at most %d answered in a second\n", s.limited, s.asked, s.most)
}

// memory says how much memory each worker held at most so far, as the system counts it.
func (b *bench) memory(after string) {
	for i, cmd := range b.processes {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
		if err != nil {
			return // no Linux
		}
		for line := range strings.Lines(string(text)) {
			if held, ok := strings.CutPrefix(line, "VmHWM:"); ok {
				fmt.Printf("  worker %d, after the %s  at most %s\n", i+1, after, strings.TrimSpace(held))
			}
		}
	}
}

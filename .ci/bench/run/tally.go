package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/subferry/subferry/.ci/bench/harness"
)

// tally is a transport that counts the schedules it sees created, and the requests that were one too many.
type tally struct {
	base  http.RoundTripper
	began time.Time
	took  time.Duration
	cpu   time.Duration // that this process used

	mu       sync.Mutex
	made     []time.Duration // when, since began
	requests int
	refused  int // answered 429
}

// RoundTrip implements http.RoundTripper.
func (t *tally) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := t.base.RoundTrip(r)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.requests++
	switch {
	case err != nil:
	case answer.StatusCode == http.StatusTooManyRequests:
		t.refused++
	case answer.StatusCode == http.StatusOK && r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/subscription_schedules"):
		t.made = append(t.made, time.Since(t.began))
	}
	return answer, err
}

func (t *tally) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.began, t.cpu, t.made, t.requests, t.refused = time.Now(), harness.CPU(), nil, 0, 0
}

func (t *tally) end() { t.took, t.cpu = time.Since(t.began), harness.CPU()-t.cpu }

// perSecond is how many rows a second a whole run made, its start and its end included.
func (t *tally) perSecond() float64 { return float64(len(t.made)) / t.took.Seconds() }

// steady is how many rows a second a run made after its first tenth, in which it found out how fast it may go.
func (t *tally) steady() float64 {
	if len(t.made) < 10 {
		return 0
	}
	from, to := t.made[len(t.made)/10], t.made[len(t.made)-1]
	return float64(len(t.made)-len(t.made)/10) / (to - from).Seconds()
}

// between is how many rows a second were made in a stretch of a run.
func (t *tally) between(from, to time.Duration) float64 {
	n := 0
	for _, at := range t.made {
		if at >= from && at < to {
			n++
		}
	}
	return float64(n) / (to - from).Seconds()
}

func (t *tally) print(name string, limit int, length time.Duration) {
	last := length / 3
	rate := t.between(length-last, length)
	fmt.Printf("  %-10s %6.1f rows/s in the last %v (%.1f %% of the limit), %d rows, %d of %d requests answered 429 (%.2f %%)\n",
		name, rate, last, 100*rate/float64(limit), len(t.made), t.refused, t.requests, 100*float64(t.refused)/float64(max(1, t.requests)))
}

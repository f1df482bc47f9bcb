package health

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/serve/jobs"
	"github.com/subferry/subferry/migrate/serve/store"
)

// Sources are where the metrics come from that all processes share. Each may be nil.
type Sources struct {
	Jobs   func(ctx context.Context) ([]jobs.Count, error)           // those in the queue
	Rows   func(ctx context.Context) (map[ledger.State]int64, error) // of the migrations that are under way
	Events func(ctx context.Context) (waiting int64, err error)      // webhook events that were not applied yet
	Moves  func(ctx context.Context) (map[store.State]int64, error)  // migrations, by state
}

// readWithin is how long reading them may take: whoever scrapes waits ten seconds.
const readWithin = 4 * time.Second

// shared reads the sources when somebody asks. A source that cannot be read is left out, and counted.
type shared struct {
	metrics *Metrics
	from    Sources
	failed  prometheus.Counter

	rate, limit, queue, rows, events, moves *prometheus.Desc
}

func newShared(m *Metrics, from Sources) *shared {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &shared{
		metrics: m, from: from,
		failed: prometheus.NewCounter(prometheus.CounterOpts{Name: "subferry_scrape_failures_total", Help: "Sources that could not be read when somebody asked."}),
		rate:   desc("subferry_stripe_rate", "Requests a second that this process allows itself in an account.", "account", "mode"),
		limit:  desc("subferry_stripe_rate_found", "1 when the rate is the account's limit, as far as that is known.", "account", "mode"),
		queue:  desc("subferry_jobs", "Jobs in the queue that all processes share.", "kind", "state"),
		rows:   desc("subferry_rows", "Rows of the migrations that are under way, by how they stand in the ledger that all processes share.", "state"),
		events: desc("subferry_webhook_events_waiting", "Webhook events that were stored and not applied yet, over all processes."),
		moves:  desc("subferry_moves", "Uploaded files, by how far they have come, over all processes.", "state"),
	}
}

// Describe implements prometheus.Collector.
func (s *shared) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{s.rate, s.limit, s.queue, s.rows, s.events, s.moves} {
		to <- d
	}
	s.failed.Describe(to)
}

// Collect implements prometheus.Collector.
func (s *shared) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readWithin)
	defer cancel()
	tell := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	s.metrics.mu.Lock()
	for a, rate := range s.metrics.rates {
		mode := map[bool]string{true: "live", false: "test"}[a.Livemode]
		perSecond, found := rate()
		tell(s.rate, perSecond, a.ID, mode)
		tell(s.limit, map[bool]float64{true: 1}[found], a.ID, mode)
	}
	s.metrics.mu.Unlock()
	if s.from.Jobs != nil {
		found, err := s.from.Jobs(ctx)
		s.count(err)
		for _, c := range found {
			tell(s.queue, float64(c.Jobs), c.Kind, c.State)
		}
	}
	if s.from.Rows != nil {
		found, err := s.from.Rows(ctx)
		s.count(err)
		for state, n := range found {
			tell(s.rows, float64(n), string(state))
		}
	}
	if s.from.Moves != nil {
		found, err := s.from.Moves(ctx)
		s.count(err)
		for state, n := range found {
			tell(s.moves, float64(n), string(state))
		}
	}
	if s.from.Events != nil {
		if n, err := s.from.Events(ctx); err == nil {
			tell(s.events, float64(n))
		} else {
			s.count(err)
		}
	}
	s.failed.Collect(to)
}

func (s *shared) count(err error) {
	if err != nil {
		s.failed.Inc()
	}
}

// Rows returns how the rows of the migrations that are under way stand: what Sources.Rows asks. A migration whose rows
// were all dealt with is under way as long as it can be canceled as a whole.
func Rows(s *store.Store, l ledger.Ledger, now func() time.Time) func(ctx context.Context) (map[ledger.State]int64, error) {
	return func(ctx context.Context) (map[ledger.State]int64, error) {
		found, err := s.Moves(ctx, store.MoveFilter{States: []store.State{store.Running, store.CanaryDone, store.Paused, store.Scheduled, store.Canceling}, Limit: mostMoves})
		if err != nil {
			return nil, err
		}
		all := map[ledger.State]int64{}
		for _, m := range found {
			if m.Migration == "" {
				continue
			}
			counts, err := l.Counts(ctx, m.Migration, csvspec.At(now()))
			if err != nil {
				return nil, err
			}
			for state, n := range counts.ByState {
				all[state] += n
			}
		}
		return all, nil
	}
}

// mostMoves is how many migrations are counted at most: the newest.
const mostMoves = 50

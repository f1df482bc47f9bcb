package health

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/serve/accounts"
)

// Metrics counts what the process does, in a registry of its own. What all processes share is read from the database
// when somebody asks, see Sources. Labels are few and known: no row, customer, file or person is one; an account's ID
// is.
type Metrics struct {
	registry *prometheus.Registry
	handler  http.Handler
	now      func() time.Time

	attempts    *prometheus.CounterVec
	attemptTime prometheus.Histogram
	jobs        *prometheus.CounterVec
	jobTime     *prometheus.HistogramVec
	requests    *prometheus.CounterVec
	requestTime *prometheus.HistogramVec
	open        prometheus.Gauge

	mu    sync.Mutex
	rates map[accounts.Account]func() (float64, bool)
}

// NewMetrics returns metrics; now measures how long something takes.
func NewMetrics(now func() time.Time) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(), now: now, rates: map[accounts.Account]func() (float64, bool){},
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "subferry_stripe_requests_total",
			Help: "Tries at requests to Stripe, by what came of them: executed, limited (429), refused, retryable, unknown."}, []string{"verdict"}),
		attemptTime: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "subferry_stripe_request_seconds",
			Help: "How long a try at a request to Stripe took.", Buckets: []float64{.05, .1, .2, .4, .8, 1.6, 3.2, 6.4, 12.8, 25.6, 80}}),
		jobs: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "subferry_jobs_worked_total",
			Help: "Jobs that this process has worked on, by kind and outcome: done, again, failed."}, []string{"kind", "outcome"}),
		jobTime: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "subferry_job_seconds",
			Help: "How long a job was worked on.", Buckets: []float64{.01, .1, 1, 10, 30, 60, 300, 1800, 7200}}, []string{"kind"}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "subferry_http_requests_total",
			Help: "Requests that were answered, by the pattern of their path and by status."}, []string{"route", "code"}),
		requestTime: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "subferry_http_request_seconds",
			Help: "How long an answer took; a stream of progress takes as long as somebody watches."}, []string{"route"}),
		open: prometheus.NewGauge(prometheus.GaugeOpts{Name: "subferry_http_requests_open", Help: "Requests that are being answered."}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "subferry_build_info", Help: "1, with what the program was built from.",
		ConstLabels: buildLabels()})
	build.Set(1)
	m.registry.MustRegister(m.attempts, m.attemptTime, m.jobs, m.jobTime, m.requests, m.requestTime, m.open, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.handler = promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2, Timeout: 15 * time.Second,
		ErrorHandling: promhttp.ContinueOnError, Registry: m.registry})
	return m
}

// Share adds what all processes share. It is called once.
func (m *Metrics) Share(from Sources) { m.registry.MustRegister(newShared(m, from)) }

func buildLabels() prometheus.Labels {
	labels := prometheus.Labels{"version": "unknown", "go": "unknown"}
	if info, ok := debug.ReadBuildInfo(); ok {
		labels["version"], labels["go"] = info.Main.Version, info.GoVersion
	}
	return labels
}

// Watch has a connection to an account counted; it is what accounts.Config.Watch takes.
func (m *Metrics) Watch(a accounts.Account, c *migrate.Config) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c.Pacer != nil {
		m.rates[accounts.Account{ID: a.ID, Livemode: a.Livemode}] = c.Pacer.Rate
	}
	var begun sync.Map // Attempt.Request -> time.Time
	before := c.Attempts
	c.Attempts = func(a migrate.Attempt) {
		if before != nil {
			before(a)
		}
		if !a.Over {
			begun.Store(a.Request, m.now())
			return
		}
		m.attempts.WithLabelValues(verdict(a.Err)).Inc()
		if at, ok := begun.LoadAndDelete(a.Request); ok {
			m.attemptTime.Observe(m.now().Sub(at.(time.Time)).Seconds())
		}
	}
}

func verdict(err *migrate.StripeError) string {
	switch {
	case err == nil:
		return "executed"
	case err.Status == http.StatusTooManyRequests:
		return "limited"
	}
	return string(err.Outcome)
}

// Jobs counts the jobs that this process works on; it is what jobs.Config.Around takes.
func (m *Metrics) Jobs() []rivertype.Middleware {
	return []rivertype.Middleware{river.WorkerMiddlewareFunc(func(ctx context.Context, job *rivertype.JobRow, work func(ctx context.Context) error) error {
		began := m.now()
		err := work(ctx)
		outcome := "done"
		if err != nil {
			outcome = "failed"
			if errors.As(err, new(*rivertype.JobSnoozeError)) { // it has only asked to be worked on later
				outcome = "again"
			}
		}
		m.jobs.WithLabelValues(job.Kind, outcome).Inc()
		m.jobTime.WithLabelValues(job.Kind).Observe(m.now().Sub(began).Seconds())
		return err
	})}
}

// HTTP counts the requests that a handler answers. Paths that no pattern fits count together, whoever tries how many.
func (m *Metrics) HTTP(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, seen := m.now(), &Recorder{ResponseWriter: w}
		route := &pattern{}
		r = r.WithContext(context.WithValue(r.Context(), patternKey{}, route))
		m.open.Inc()
		defer func() {
			m.open.Dec()
			name := route.of(r)
			m.requests.WithLabelValues(name, strconv.Itoa(max(seen.Status, http.StatusOK))).Inc()
			m.requestTime.WithLabelValues(name).Observe(m.now().Sub(began).Seconds())
		}()
		next.ServeHTTP(seen, r)
	})
}

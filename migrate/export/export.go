package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/pace"
)

// Config is what an Exporter works with. All but Observe and Attempts is required.
type Config struct {
	Source     Source
	Pacer      pace.Limiter
	Clock      migrate.Clock
	Livemode   bool
	APIVersion string         // in which Source reads
	Observe    func(Progress) // is told of progress, from many goroutines

	Attempts func(migrate.Attempt) // is told of each try at a request, as migrate.Config.Attempts is
}

// Progress is how far an export has come.
type Progress struct {
	Objects  int64 // read by this invocation and the ones that it goes on with
	Expected int64 // an estimate that moves
	Requests int64
	Retries  int64
	Rate     float64 // requests a second
	Limited  bool    // Rate is the account's limit
}

// Options say what is exported, and where to.
type Options struct {
	Dir         string // is made when it does not exist
	Kinds       []Kind
	Since       time.Time // zero is everything
	Until       time.Time // zero is now, the present second included
	Formula     Formula   // the zero Formula is DefaultFormula
	Split       Split     // the zero Split is by density
	CSV         bool      // write a CSV file beside each file of JSON lines
	Incremental bool      // go on from what is in Dir
}

// The times of a list's end. Objects become visible some seconds after their creation.
const (
	overlap      = 5 * 60
	eventsReach  = 30*24*3600 - 12*3600 // with a margin for a run that lasts
	stripesBirth = 1293840000           // 2011-01-01: nothing at Stripe is older
	kindsAtOnce  = 4
	parsedAtOnce = 4
)

// Exporter exports from one account.
type Exporter struct {
	cfg    Config
	client *client
}

// New returns an Exporter. It sends nothing.
func New(cfg Config) *Exporter {
	if cfg.Observe == nil {
		cfg.Observe = func(Progress) {}
	}
	if cfg.Attempts == nil {
		cfg.Attempts = func(migrate.Attempt) {}
	}
	return &Exporter{cfg: cfg, client: &client{source: cfg.Source, pacer: cfg.Pacer, clock: cfg.Clock, tell: cfg.Attempts,
		parsing: make(chan struct{}, parsedAtOnce)}}
}

// ExistsError is a directory that has an export already.
type ExistsError struct{ Dir, Kind, Of string }

// Error says what can be done.
func (e *ExistsError) Error() string {
	return fmt.Sprintf("%s has an export of %s of %s already, and nothing is overwritten: add --incremental to go on from it, --prove to check it, or name another directory",
		e.Dir, e.Kind, e.Of)
}

// OtherExportError is a directory with an export that does not fit.
type OtherExportError struct{ Dir, What, Found, Expected string }

// Error names what differs.
func (e *OtherExportError) Error() string {
	return fmt.Sprintf("%s has an export whose %s is %q, and %q is asked for: run the command that began it, or name another directory", e.Dir, e.What, e.Found, e.Expected)
}

// exporting is one run.
type exporting struct {
	*Exporter
	opts     Options
	manifest *Manifest
	floor    int64
	objects  atomic.Int64

	mu     sync.Mutex // guards manifest and scans
	scans  []*scan
	events changes
}

// Run exports. When it returns an error the same call goes on where it was; what was finished by then is in the
// returned manifest, which is nil only when nothing was begun. Kinds that Stripe does not give are skipped, with the
// reason.
func (e *Exporter) Run(ctx context.Context, opts Options) (*Manifest, error) {
	if opts.Formula == (Formula{}) {
		opts.Formula = DefaultFormula()
	}
	x := &exporting{Exporter: e, opts: opts}
	if err := os.MkdirAll(opts.Dir, 0o700); err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(opts.Dir, ".lock"))
	if ok, err := lock.TryLock(); err != nil || !ok {
		return nil, errors.Join(err, fmt.Errorf("another export works in %s: wait for it, or name another directory", opts.Dir))
	}
	defer lock.Unlock()
	account, created, err := e.account(ctx)
	if err != nil {
		return nil, err
	}
	x.floor = created
	if err := x.open(account); err != nil {
		return nil, err
	}
	err = x.all(ctx)
	x.manifest.Run.Requests, x.manifest.Run.Retries = e.client.counts()
	if err == nil {
		x.manifest.Run.Finished = Moment(e.cfg.Clock.Now().Unix())
	}
	return x.manifest, errors.Join(err, x.manifest.write(opts.Dir))
}

// account returns the ID of the account and when it was created; "" when a restricted key may not know.
func (e *Exporter) account(ctx context.Context) (id string, created int64, err error) {
	raw, err := e.client.get(ctx, "/v1/account", nil)
	if skippable(err) != nil {
		return "", stripesBirth, nil
	}
	if err != nil {
		return "", 0, err
	}
	var a struct {
		ID      string `json:"id"`
		Created int64  `json:"created"`
	}
	if err := json.Unmarshal(raw, &a); err != nil {
		return "", 0, &NotAListError{"/v1/account", err.Error()}
	}
	if a.Created == 0 {
		a.Created = stripesBirth
	}
	return a.ID, a.Created, nil
}

// open reads the directory's manifest, or begins one. A run that was interrupted goes on with its own times.
func (x *exporting) open(account string) error {
	m, err := ReadManifest(x.opts.Dir)
	if err != nil {
		return err
	}
	if m == nil {
		m = &Manifest{Format: manifestFormat, Account: account, Livemode: x.cfg.Livemode, APIVersion: x.cfg.APIVersion}
	}
	if m.Account == "" {
		m.Account = account
	}
	if m.Account != account && account != "" {
		return &OtherExportError{x.opts.Dir, "account", m.Account, account}
	}
	if m.APIVersion != x.cfg.APIVersion {
		return &OtherExportError{x.opts.Dir, "API version", m.APIVersion, x.cfg.APIVersion}
	}
	x.manifest = m
	now := x.cfg.Clock.Now()
	run := Run{Number: m.Run.Number + 1, Began: Moment(now.Unix()), Formula: x.opts.Formula.String(), Split: x.opts.Split.String(), Incremental: x.opts.Incremental}
	until := x.opts.Until
	if until.IsZero() {
		until = now.Add(time.Second) // the present second is included
	}
	span := x.opts.Formula.Span(x.opts.Since, until)
	run.Since, run.Until = Moment(span.From), Moment(span.Until)
	for _, k := range x.opts.Kinds {
		run.Kinds = append(run.Kinds, k.Name)
	}
	if m.Run.Began > 0 && m.Run.Finished == 0 {
		return x.goOn(run)
	}
	for _, k := range run.Kinds {
		if r := m.Result(k); r != nil && r.Skipped == nil && !run.Incremental {
			return &ExistsError{x.opts.Dir, k, r.Until.String()}
		}
	}
	m.Run = run
	return m.write(x.opts.Dir)
}

// goOn goes on with an interrupted run, which must be the same one.
func (x *exporting) goOn(run Run) error {
	before := x.manifest.Run
	if x.opts.Until.IsZero() {
		run.Until = before.Until
	}
	for _, c := range [...][3]string{
		{"beginning (--since, --formula)", before.Since.String(), run.Since.String()},
		{"end (--until, --formula)", before.Until.String(), run.Until.String()},
		{"split", before.Split, run.Split},
		{"list of kinds", fmt.Sprint(before.Kinds), fmt.Sprint(run.Kinds)},
		{"way (--incremental)", fmt.Sprint(before.Incremental), fmt.Sprint(run.Incremental)},
	} {
		if c[1] != c[2] {
			return &OtherExportError{x.opts.Dir, "unfinished " + c[0], c[1], c[2]}
		}
	}
	return nil
}

// all exports the kinds, a few at a time. A list that Stripe fails to give, for as long as it is asked, does not keep
// the others from being exported; any other error ends the run.
func (x *exporting) all(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	kinds := make(chan Kind, len(x.opts.Kinds))
	for _, k := range x.opts.Kinds {
		kinds <- k
	}
	close(kinds)
	var workers sync.WaitGroup
	var failed error
	for range kindsAtOnce {
		workers.Go(func() {
			for k := range kinds {
				err := x.one(ctx, k)
				if err == nil {
					continue
				}
				x.mu.Lock()
				if failed == nil || !errors.Is(err, context.Canceled) {
					failed = errors.Join(failed, err)
				}
				x.mu.Unlock()
				if failure := (*migrate.StripeError)(nil); !errors.As(err, &failure) || failure.Status < http.StatusInternalServerError {
					cancel()
					return
				}
			}
		})
	}
	workers.Wait()
	return failed
}

// one exports one kind, unless this run has done it before it was interrupted.
func (x *exporting) one(ctx context.Context, k Kind) error {
	x.mu.Lock()
	before := x.manifest.Result(k.Name)
	run := x.manifest.Run
	x.mu.Unlock()
	if before != nil && before.Run == run.Number && before.Skipped == nil {
		return nil
	}
	r, err := x.read(ctx, k, before)
	if refused := skippable(err); refused != nil && r.Objects == 0 {
		r = Result{Kind: k.Name, Skipped: &Skipped{Status: refused.Status, Code: refused.Code, Message: refused.Message, RequestID: refused.RequestID}}
		if refused.Err != nil && refused.Message == "" {
			r.Skipped.Message = refused.Err.Error()
		}
		if refused.Status == http.StatusForbidden {
			r.Skipped.Permission = k.Permission
		}
		err = removeUnfinished(x.opts.Dir, k)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", k.Name, err)
	}
	r.Run = run.Number
	x.mu.Lock()
	defer x.mu.Unlock()
	x.manifest.put(r)
	return x.manifest.write(x.opts.Dir)
}

// read reads a kind in the way that is right for it.
func (x *exporting) read(ctx context.Context, k Kind, before *Result) (Result, error) {
	switch {
	case k.Single:
		return x.single(ctx, k)
	case x.opts.Incremental && before != nil && before.Skipped == nil:
		return x.update(ctx, k, before)
	}
	return x.full(ctx, k, "")
}

// span returns the time that the run is about.
func (x *exporting) span() Span {
	return Span{int64(x.manifest.Run.Since), int64(x.manifest.Run.Until)}
}

// single exports the one object of a kind.
func (x *exporting) single(ctx context.Context, k Kind) (Result, error) {
	raw, err := x.client.get(ctx, k.Path, url.Values(nil))
	if err != nil {
		return Result{}, err
	}
	p, err := readPage(k, slices.Concat([]byte(`{"data":[`), raw, []byte(`]}`)))
	if err != nil {
		return Result{}, err
	}
	r := x.result(k)
	r.Objects = 1
	return r, x.save(&r, k, func(w io.Writer) error {
		_, err := w.Write(append(p.objects[0].raw, '\n'))
		return err
	})
}

// result returns what is known of a kind before it is read.
func (x *exporting) result(k Kind) Result {
	run := x.manifest.Run
	return Result{Kind: k.Name, AsOf: run.Began, Since: run.Since, Until: run.Until, Settled: min(run.Until, run.Began-overlap)}
}

// progress tells of objects that were read.
func (x *exporting) progress(n int) {
	done := x.objects.Add(int64(n))
	expected := float64(done)
	x.mu.Lock()
	scans := slices.Clone(x.scans)
	x.mu.Unlock()
	for _, s := range scans {
		expected += s.estimate()
	}
	p := Progress{Objects: done, Expected: int64(expected)}
	p.Requests, p.Retries = x.client.counts()
	p.Rate, p.Limited = x.cfg.Pacer.Rate()
	x.cfg.Observe(p)
}

package usage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/validate"
	judge "github.com/subferry/subferry/validate/usage"
)

// Review is what would be sent of a file.
type Review struct {
	ID        string // of the run that the file belongs to
	Input     migrate.Input
	Options   Options
	Report    *validate.Report
	Account   migrate.Account
	Meters    []MeterSum
	Ready     int64 // events to send
	Sent      int64 // events that the ledger knows to be sent already, by this run or another
	Retracted int64 // events that were taken back, and cannot be sent again under the same identifiers
	Rejected  int64 // events that an error report has named, and that are not sent again
	First     csvspec.Timestamp
	Last      csvspec.Timestamp
	Warnings  int

	reading judge.Options
	meters  map[string]judge.Meter
	known   known
	open    map[string]bool // identifiers of the file's events that were begun, by whichever run, and are not settled
}

// MeterSum is what a file says for one meter, what was sent before included.
type MeterSum struct {
	EventName string `json:"event_name"`
	ID        string `json:"meter"`
	Formula   string `json:"formula"`
	Events    int64  `json:"events"`
	Sum       string `json:"sum"` // of the values

	sum *big.Rat
}

// Judge returns how a file is judged with all that the account and the ledger know.
func (r *Runner) Judge(ctx context.Context, in migrate.Input, o Options) (judge.Options, error) {
	reading, _, err := r.judge(ctx, in, o)
	return reading, err
}

func (r *Runner) judge(ctx context.Context, in migrate.Input, o Options) (judge.Options, known, error) {
	reading, err := o.reading(r.Clock.Now())
	if err != nil {
		return reading, nil, err
	}
	if reading.Meters, err = r.meters(ctx); err != nil {
		return reading, nil, fmt.Errorf("the account's meters cannot be looked up: %w", err)
	}
	before, err := r.loadKnown(ctx, nil)
	if err != nil {
		return reading, nil, err
	}
	reading.Sent = before.sent(o.Rejected)
	wanted := map[string]bool{}
	if _, err := each(ctx, in, reading, func(_ *csvspec.Row, _ validate.Findings, e *judge.Event) error {
		if strings.HasPrefix(e.Customer, "cus_") {
			wanted[e.Customer] = true
		}
		return nil
	}); err != nil {
		return reading, nil, err
	}
	present, err := r.Migrator.LookUp(ctx, migrate.ObjectIDs{Customers: slices.Sorted(maps.Keys(wanted))})
	if err != nil {
		return reading, nil, err
	}
	reading.Present = map[string]bool{}
	for id := range present.Customers {
		reading.Present[id] = true
	}
	return reading, before, nil
}

// each reads a file once.
func each(ctx context.Context, in migrate.Input, o judge.Options, visit judge.Visit) (*validate.Report, error) {
	f, err := in.Open()
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", in.Name, err)
	}
	defer f.Close()
	return judge.Each(ctx, in.Name, struct{ io.Reader }{f}, o, visit)
}

// Review judges a file and asks the account about its meters and customers. Nothing is sent. The error is an *InvalidError
// when something must be mended first.
func (r *Runner) Review(ctx context.Context, in migrate.Input, o Options) (*Review, error) {
	if o.Stream && !r.Account.Livemode && !r.StreamAnywhere {
		return nil, ErrStream
	}
	reading, before, err := r.judge(ctx, in, o)
	if err != nil {
		return nil, err
	}
	v := &Review{Input: in, Options: o, Account: r.Account, reading: reading, meters: reading.Meters, known: before, open: map[string]bool{}}
	sums := map[string]*MeterSum{}
	var found validate.Findings
	v.Report, err = each(ctx, in, reading, func(_ *csvspec.Row, of validate.Findings, e *judge.Event) error {
		if len(of) > 0 && len(found) < keptFindings {
			found = append(found, of...)
		}
		if !of.HasErrors() {
			v.count(e, sums)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	v.Report.Findings = append(v.Report.Findings, found...)
	v.Report.Findings.Sort()
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		one := sums[name]
		one.Sum = decimal(one.sum)
		v.Meters = append(v.Meters, *one)
	}
	v.ID = RunID(r.Account, v.Report.SHA256, o.Sheet)
	for _, f := range v.Report.Findings {
		if f.Severity == validate.Warning {
			v.Warnings++
		}
	}
	if err := r.sameOptions(ctx, v); err != nil {
		return nil, err
	}
	if v.Report.Invalid > 0 || v.Report.Findings.HasErrors() || v.Report.Rows == 0 {
		return nil, &InvalidError{v.Report}
	}
	return v, nil
}

// sameOptions returns an *OtherOptionsError for a file that was begun with other options, which make other events of its
// rows: what was sent would be sent again.
func (r *Runner) sameOptions(ctx context.Context, v *Review) error {
	begun, err := r.Ledger.UsageRun(ctx, v.ID)
	if errors.Is(err, ledger.ErrNotFound) || err == nil && v.Ready == 0 && v.Report.Invalid == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	o, err := OptionsOf(begun)
	if err == nil && (o.Zone != v.Options.Zone || !maps.Equal(o.Customers, v.Options.Customers)) {
		err = &OtherOptionsError{v.ID, o, v.Options}
	}
	return err
}

// keptFindings is how many findings a review keeps; validate shows all of them.
const keptFindings = 1000

// count counts an event without errors.
func (v *Review) count(e *judge.Event, sums map[string]*MeterSum) {
	one := sums[e.Meter]
	if one == nil {
		m := v.meters[e.Meter]
		one = &MeterSum{EventName: e.Meter, ID: m.ID, Formula: m.Formula, sum: new(big.Rat)}
		sums[e.Meter] = one
	}
	one.Events++
	one.sum.Add(one.sum, rat(e.Value))
	if v.First == 0 || e.Timestamp < v.First {
		v.First = e.Timestamp
	}
	v.Last = max(v.Last, e.Timestamp)
	before, ok := v.known[identityOf(e.Identifier)]
	switch {
	case !ok:
		v.Ready++
	case !before.settled(v.Options.Rejected):
		v.open[e.Identifier] = true
		v.Ready++
	case before.state == ledger.UsageRetracted:
		v.Retracted++
	case before.state == ledger.UsageRejected:
		v.Rejected++
	default:
		v.Sent++
	}
}

// settled is how many events of the file no request leaves for.
func (v *Review) settled() int64 { return v.Sent + v.Retracted + v.Rejected }

// rat reads a value that was checked.
func rat(value string) *big.Rat {
	r, ok := new(big.Rat).SetString(value)
	if !ok {
		return new(big.Rat)
	}
	return r
}

// decimal writes a number without superfluous zeros.
func decimal(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	digits, _ := r.FloatPrec()
	return r.FloatString(digits)
}

// remembered is how long Stripe keeps an identifier in mind, less a margin for clocks that differ and requests on their
// way.
const remembered = 24*time.Hour - time.Hour

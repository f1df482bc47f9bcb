package validate

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/subferry/subferry/csvspec"
)

// File validates a file in one pass and returns every finding, sorted by place. name stands for the file in the
// report. The error is one of reading, or of the context; what is wrong with the file is in the report.
func File(ctx context.Context, name string, r io.Reader, opts Options) (*Report, error) {
	var all Findings
	report, err := Scan(ctx, name, r, opts, func(found Findings) error {
		all = append(all, found...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	report.Findings = append(report.Findings, all...)
	report.Findings.Sort()
	return report, nil
}

// Scan validates a file in one pass, in memory that does not grow with it, on all processors. What is found in rows
// goes to sink, which may be nil, in the order of the file and in portions that are sink's to keep. The report has
// the findings about the file, its header, and rows compared with others, which are known at the end only.
//
// With Options.Shown, only as many findings of each severity have all that it takes to show them; deferred ones are
// counted by themselves. Those behind them may lack Value, Message, Excerpt and Cell, and have the rule's Fix and the
// line of their record: enough to be counted, in half the time.
//
// An error of sink ends the validation and is returned as it is.
func Scan(ctx context.Context, name string, r io.Reader, opts Options, sink func(Findings) error) (*Report, error) {
	v := New(opts)
	p, err := v.open(ctx, name, r)
	if err != nil {
		return nil, err
	}
	defer p.close()
	p.quota.shown = max(opts.Shown, 0)
	if sink == nil {
		p.quota.none()
	}
	newWorker := func() func(*csvspec.Block) *batch {
		w := p.newWorker()
		return func(b *csvspec.Block) *batch {
			for row := range b.Rows() {
				_ = w.take(row) // kept in the batch
				if sink == nil {
					w.findings = w.findings[:0]
				}
			}
			return w.batch()
		}
	}
	err = csvspec.EachBlock(ctx, p.rows, workers(), newWorker, func(b *batch) error {
		p.merge(b)
		if sink == nil || len(b.findings) == 0 {
			return nil
		}
		return sink(b.findings)
	})
	if err != nil {
		return nil, p.named(err)
	}
	return p.report()
}

// Each validates a file and hands each row, in order, to visit with everything that was found in it. Rows that hold
// nothing but separators are left out, as blank lines are. Row and findings
// are valid during the call only: Clone the row to keep it. The report has the findings about the file and its header.
// An error of visit ends the validation and is returned as it is.
//
// Whether a row repeats another one, or is one too many for its customer, is known at the end of the file only.
// Therefore r is read twice when it can be rewound (io.Seeker); when it cannot, such findings are in the report and
// visit has seen the row without them: a caller who acts on rows must wait for the report. The error is ErrChanged when
// the two times did not give the same bytes.
func Each(ctx context.Context, name string, r io.Reader, opts Options, visit func(row *csvspec.Row, findings []Finding) error) (*Report, error) {
	late := map[int]Findings{}
	var report *Report
	if again, ok := rewinder(r); ok {
		var err error
		if report, err = Scan(ctx, name, r, opts, nil); err != nil {
			return nil, err
		}
		if err := again(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		report.Findings, late = report.Findings.aside()
	}
	own, err := New(opts).each(ctx, name, r, late, visit)
	switch {
	case report == nil:
		return own, err
	case err == nil && own.SHA256 != report.SHA256:
		return nil, fmt.Errorf("%s: %w", name, ErrChanged)
	}
	return report, err
}

// ErrChanged is returned by Each for a file that was not the same when it was read again.
var ErrChanged = errors.New("the file changed while it was read")

// each reads the file once. late is what is known of rows already.
func (v *Validator) each(ctx context.Context, name string, r io.Reader, late map[int]Findings, visit func(*csvspec.Row, []Finding) error) (*Report, error) {
	p, err := v.open(ctx, name, r)
	if err != nil {
		return nil, err
	}
	defer p.close()
	w := p.newWorker()
	for row, err := range p.rows.All() {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, p.named(err)
		}
		found := append(w.take(row), late[row.Source.Row]...)
		if w.check.blank {
			continue
		}
		if err := visit(row, found); err != nil {
			return nil, err
		}
		w.findings = nil
		if len(w.subs) >= 4096 {
			p.merge(w.batch())
		}
	}
	p.merge(w.batch())
	return p.report()
}

// rewinder returns a function that puts r back to where it is now, if that is possible.
func rewinder(r io.Reader) (func() error, bool) {
	s, ok := r.(io.Seeker)
	if !ok {
		return nil, false
	}
	at, err := s.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, false
	}
	return func() error { _, err := s.Seek(at, io.SeekStart); return err }, true
}

// aside separates findings about the file from those about rows, which it returns by row.
func (f Findings) aside() (about Findings, rows map[int]Findings) {
	about, rows = Findings{}, map[int]Findings{}
	for _, x := range f {
		if x.Row == 0 {
			about = append(about, x)
		} else {
			rows[x.Row] = append(rows[x.Row], x)
		}
	}
	return about, rows
}

// named puts the file's name in front of an error of reading.
func (p *pass) named(err error) error {
	var read *csvspec.ReadError
	if errors.As(err, &read) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	return err
}

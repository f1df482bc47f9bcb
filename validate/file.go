package validate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/subferry/subferry/csvspec"
)

// File validates a file in one pass and returns every finding, sorted by place. name stands for the file in the
// report. The error is one of reading, or of the context; what is wrong with the file is in the report.
func File(ctx context.Context, name string, r io.Reader, opts Options) (*Report, error) {
	var all Findings
	report, err := Each(ctx, name, r, opts, func(_ *csvspec.Row, found []Finding) error {
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

// Each validates a file and hands each row, in order, to visit with what was found in it. Row and findings are
// valid during the call only: Clone the row to keep it. The report has the findings about the file and its header.
// An error of visit ends the validation and is returned as it is.
func Each(ctx context.Context, name string, r io.Reader, opts Options, visit func(row *csvspec.Row, findings []Finding) error) (*Report, error) {
	return New(opts).each(ctx, name, r, visit)
}

func (v *Validator) each(ctx context.Context, name string, r io.Reader, visit func(*csvspec.Row, []Finding) error) (*Report, error) {
	in := &meter{ctx: ctx, r: r, sum: sha256.New()}
	rows, err := csvspec.NewReader(in, csvspec.ReadOptions{Unit: v.opts.Unit})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	report := &Report{File: name, Template: rows.Header().Template().String(), Findings: v.checkHeader(rows.Header())}
	if report.Findings == nil {
		report.Findings = Findings{} // an empty array in JSON, not null
	}
	c := v.newCheck(newHeadFacts(rows.Header()))
	customers := map[string]struct{}{}
	for row, err := range rows.All() {
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		found := Findings(c.run(row))
		found.Sort()
		c.tally.count(row, c.state(found))
		customers[row.Customer] = struct{}{}
		if err := visit(row, found); err != nil {
			return nil, err
		}
	}
	tail := &Tail{v: v, head: c.head, notes: rows.Notes(), size: in.size, tally: &c.tally}
	report.Findings = append(report.Findings, tail.finish()...)
	report.Waiting = tail.waiting()
	report.Findings.Sort()
	delete(customers, "")
	report.Customers = len(customers)
	report.SHA256 = hex.EncodeToString(in.sum.Sum(nil))
	report.take(&c.tally)
	return report, nil
}

// take copies the counts.
func (r *Report) take(t *tally) {
	r.Rows, r.Valid, r.Deferred, r.Invalid = t.rows, t.states[Valid], t.states[Deferred], t.states[Invalid]
	if t.firstStart != 0 {
		first := t.firstStart.Time()
		r.FirstStart = &first
	}
}

// meter counts and hashes what is read, and ends reading when the context does.
type meter struct {
	ctx  context.Context
	r    io.Reader
	sum  hash.Hash
	size int64
}

func (m *meter) Read(p []byte) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := m.r.Read(p)
	m.sum.Write(p[:n])
	m.size += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		return n, err
	}
	return n, err
}

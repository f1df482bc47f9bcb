package usage

import (
	"context"
	"io"
	"slices"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
)

// Visit is shown every row: its source, what was found in it, and the event that it is. An event of a row with errors is
// incomplete. All are valid during the call only.
type Visit func(row *csvspec.Row, found validate.Findings, e *Event) error

// Each judges a file in one pass and shows every row to visit, which may be nil. The report has what was found in the
// file as a whole and in its header; visit has seen the rest. The error is one of reading, of the context or of visit.
func Each(ctx context.Context, name string, in io.Reader, opts Options, visit Visit) (*validate.Report, error) {
	r := &reader{opts: opts, seen: map[string]first{}, meters: map[string]int{}}
	customers := map[string]bool{}
	once := struct{ io.Reader }{in} // of what can be rewound, validate.Each would read everything twice
	report, err := validate.Each(ctx, name, once, validate.Options{
		Now: opts.Now, Strict: opts.Strict, Sheet: opts.Sheet, Format: format(), Rules: r.rules(),
	}, func(row *csvspec.Row, found []validate.Finding) error {
		if r.row == nil || r.row.number != row.Source.Row { // no rule has looked at the row
			return nil
		}
		e := r.row.event
		if c := e.Customer; c != "" && !customers[c] {
			customers[c] = true
		}
		if visit == nil {
			return nil
		}
		return visit(row, found, &e)
	})
	if err != nil {
		return nil, err
	}
	report.Customers = len(customers)
	return report, nil
}

// File judges a file and returns every finding, sorted by place.
func File(ctx context.Context, name string, in io.Reader, opts Options) (*validate.Report, error) {
	var all validate.Findings
	report, err := Each(ctx, name, in, opts, func(_ *csvspec.Row, found validate.Findings, _ *Event) error {
		all = append(all, slices.Clone(found)...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	report.Findings = append(report.Findings, all...)
	report.Findings.Sort()
	return report, nil
}

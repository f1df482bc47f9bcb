package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/plan"
	planreport "github.com/subferry/subferry/migrate/plan/report"
	"github.com/subferry/subferry/migrate/serve/accounts"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/mend"
	"github.com/subferry/subferry/validate/report"
)

// reviewFiles makes the artifacts of a review: in files of a temporary directory, which are stored when they are complete.
type reviewFiles struct {
	*artifacts
	review *migrate.Review
	asked  migrate.Options
	whole  bool // the file as a whole is wrong, so that no row is ready
	out    *Review
}

// sink is what rows are written into with what was found in them.
type sink struct {
	row func(*csvspec.Row, []validate.Finding) error
	end func(*validate.Report) error // end also gives up one to which not all rows were written
}

// sinks opens a file for every form of findings, and the three parts of the file.
func (w *reviewFiles) sinks() (all []sink, files []*file, err error) {
	rendered := func(r report.Renderer) sink {
		return sink{func(_ *csvspec.Row, found []validate.Finding) error { return r.Add(slices.Clone(found)) }, r.Close}
	}
	for name, open := range map[string]func(io.Writer) (sink, error){
		FindingsJSON:   func(f io.Writer) (sink, error) { return rendered(report.NewJSON(f)), nil },
		FindingsNDJSON: func(f io.Writer) (sink, error) { return rendered(report.NewNDJSON(f)), nil },
		FindingsHTML:   func(f io.Writer) (sink, error) { return rendered(report.NewHTML(f, nil)), nil },
		FindingsSARIF:  func(f io.Writer) (sink, error) { return rendered(report.NewSARIF(f, w.move.File, nil)), nil },
		FindingsCSV: func(f io.Writer) (sink, error) {
			out := report.NewCSV(f)
			return sink{out.Row, func(*validate.Report) error { return out.Close() }}, nil
		},
		FindingsXLSX: func(f io.Writer) (sink, error) {
			out, err := report.NewXLSX(f, w.review.Report.Findings, nil)
			if err != nil {
				return sink{}, err
			}
			return sink{out.Row, out.Close}, nil
		},
	} {
		f, err := w.create(name)
		if err != nil {
			return all, files, err
		}
		files = append(files, f)
		one, err := open(f)
		if err != nil {
			return all, files, err
		}
		all = append(all, one)
	}
	parts, err := report.NewSplit(w.dir)
	if err != nil {
		return all, files, err
	}
	if w.whole {
		parts.Doubt("the file as a whole must be mended", func(*csvspec.Row) bool { return true })
	}
	return append(all, sink{parts.Row, func(*validate.Report) error { return parts.Close() }}), files, nil
}

// findings writes what was found in every form, in one pass over the file, and the file in three parts.
func (w *reviewFiles) findings(ctx context.Context) error {
	all, files, err := w.sinks()
	r, counts := &validate.Report{}, newTally()
	if err == nil {
		r, err = w.each(ctx, func(row *csvspec.Row, found []validate.Finding) error {
			counts.add(found)
			for _, to := range all {
				if err := to.row(row, found); err != nil {
					return err
				}
			}
			return nil
		})
	}
	failed := []error{err}
	for _, to := range all {
		failed = append(failed, to.end(cmp.Or(r, &validate.Report{})))
	}
	for _, f := range files {
		failed = append(failed, f.Close())
	}
	if err := errors.Join(failed...); err != nil {
		return err
	}
	counts.add(r.Findings)
	counts.into(w.out)
	return w.store(ctx, FindingsJSON, FindingsNDJSON, FindingsHTML, FindingsSARIF, FindingsXLSX, FindingsCSV, ReadyCSV, DeferredCSV, ErrorsCSV)
}

// each hands every row to visit, with all that is known to be wrong with it. Of a file that is wrong as a whole, the account knows
// nothing.
func (w *reviewFiles) each(ctx context.Context, visit func(*csvspec.Row, []validate.Finding) error) (*validate.Report, error) {
	if !w.whole {
		return w.review.Each(ctx, visit)
	}
	f, err := w.review.Input.Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return validate.Each(ctx, w.move.File, f, w.asked.Validation(w.review.Now, w.review.AccountData), visit)
}

// maxChanges is how many mended cells are listed.
const maxChanges = 1000

// Mended is the artifact MendedJSON: what was mended, and what was left alone and why.
type Mended struct {
	Changes   int64         `json:"changes"`
	First     []mend.Change `json:"first"` // at most maxChanges
	Left      mend.Result   `json:"left"`
	Sentences []string      `json:"sentences"` // about Left
}

// mend writes the file with everything mended that has one meaning only.
func (w *reviewFiles) mend(ctx context.Context) error {
	if err := w.drop(ctx, MendedCSV, MendedJSON); err != nil {
		return err
	}
	if w.out.Mend == "" || w.out.Mend == validate.MendConvert {
		return nil
	}
	in, err := w.review.Input.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	to, err := w.create(MendedCSV)
	if err != nil {
		return err
	}
	done := Mended{First: []mend.Change{}}
	done.Left, err = mend.File(ctx, in, to, mend.Options{Unit: w.asked.Unit, Sheet: w.asked.Sheet}, func(c mend.Change) error {
		if done.Changes++; len(done.First) < maxChanges {
			done.First = append(done.First, c)
		}
		return nil
	})
	if err = errors.Join(err, to.Close()); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return nil //nolint:nilerr // it cannot be mended: the findings say what is wrong with it
	}
	if done.Changes == 0 {
		return nil
	}
	done.Sentences = done.Left.Sentences()
	if err := w.store(ctx, MendedCSV); err != nil {
		return err
	}
	return w.put(ctx, map[string]func(io.Writer) error{MendedJSON: asJSON(done)})
}

// planRows writes a row of a plan a line.
type planRows struct{ *json.Encoder }

func (p planRows) Row(r *plan.Row) error { return p.Encode(r) }
func (planRows) End(*plan.Plan) error    { return nil }

// plan makes the plan of the ready rows, in every form.
func (w *reviewFiles) plan(ctx context.Context, c *accounts.Connection) error {
	type renderer interface {
		Row(*plan.Row) error
		End(*plan.Plan) error
	}
	page, err := w.create(PlanHTML)
	if err != nil {
		return err
	}
	defer page.Close()
	charges, err := w.create(ChargesCSV)
	if err != nil {
		return err
	}
	defer charges.Close()
	rows, err := w.create(PlanRows)
	if err != nil {
		return err
	}
	defer rows.Close()
	table, err := planreport.NewCSV(charges, time.UTC)
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(rows)
	encoder.SetEscapeHTML(false)
	all := []renderer{planreport.NewHTML(page, time.UTC), table, planRows{encoder}}
	r := *w.review
	r.Options.SkipInvalid = w.asked.SkipInvalid
	p, err := plan.Make(ctx, &r, plan.Config{Now: w.review.Now, APIVersion: gateway.APIVersion, Renewals: plan.Renewals, MadeUp: w.out.MadeUp}, func(row *plan.Row) error {
		for _, to := range all {
			if err := to.Row(row); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, plan.ErrTooMuch) {
		w.out.PlanFailed = err.Error()
		return w.drop(ctx, PlanJSON, PlanHTML, PlanRows, ChargesCSV)
	}
	if err != nil {
		return err
	}
	var failed []error
	for _, to := range all {
		failed = append(failed, to.End(p))
	}
	failed = append(failed, page.Close(), charges.Close(), rows.Close())
	if err := errors.Join(failed...); err != nil {
		return fmt.Errorf("the plan cannot be written: %w", err)
	}
	w.out.Totals, w.out.Days, w.out.Recurring, w.out.Unknown = p.Totals, p.Days, p.Recurring, p.Unknown
	w.out.Assumptions, w.out.PlanDigest = p.Assumptions, p.Digest
	if err := w.put(ctx, map[string]func(io.Writer) error{PlanJSON: p.Write}); err != nil {
		return err
	}
	return w.store(ctx, PlanHTML, PlanRows, ChargesCSV)
}

// byWeight sorts what matters most to the front.
func byWeight(a, b CodeCount) int {
	rank := func(s validate.Severity) int { return slices.Index(severities(), s) }
	return cmp.Or(rank(a.Severity)-rank(b.Severity), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Code, b.Code))
}

package jobs

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/plan"
	planreport "github.com/subferry/subferry/migrate/plan/report"
	"github.com/subferry/subferry/migrate/serve/accounts"
	"github.com/subferry/subferry/migrate/serve/store"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/mend"
	"github.com/subferry/subferry/validate/report"
)

// reviewFiles makes the artifacts of a review: in files of a temporary directory, which are stored when they are complete.
type reviewFiles struct {
	engine *Engine
	move   store.Move
	dir    string
	review *migrate.Review
	asked  migrate.Options
	whole  bool // the file as a whole is wrong, so that no row is ready
	out    *Review
}

// create makes a file of the temporary directory.
func (w *reviewFiles) create(name string) (*os.File, error) {
	return os.Create(filepath.Join(w.dir, name))
}

// put stores files of the temporary directory.
func (w *reviewFiles) put(ctx context.Context, names ...string) error {
	for _, name := range names {
		path := filepath.Join(w.dir, name)
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		_, err = w.engine.Store.PutArtifact(ctx, w.move.ID, name, mediaType(name), f)
		if err := errors.Join(err, f.Close(), os.Remove(path)); err != nil {
			return err
		}
	}
	return nil
}

// drop removes artifacts of an earlier review that this one has none of.
func (w *reviewFiles) drop(ctx context.Context, names ...string) error {
	for _, name := range names {
		if err := w.engine.Store.DropArtifact(ctx, w.move.ID, name); err != nil {
			return err
		}
	}
	return nil
}

func mediaType(name string) string {
	switch filepath.Ext(name) {
	case ".csv":
		return "text/csv; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".ndjson":
		return "application/x-ndjson"
	case ".sarif":
		return "application/sarif+json"
	case ".xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "application/json"
}

// findings writes what was found in every form, in one pass over the file, and the file in three parts.
func (w *reviewFiles) findings(ctx context.Context) error {
	var files []*os.File
	defer func() {
		for _, f := range files {
			f.Close()
		}
	}()
	renderers := []report.Renderer{}
	for name, make := range map[string]func(io.Writer) report.Renderer{
		FindingsJSON:   func(f io.Writer) report.Renderer { return report.NewJSON(f) },
		FindingsNDJSON: func(f io.Writer) report.Renderer { return report.NewNDJSON(f) },
		FindingsHTML:   func(f io.Writer) report.Renderer { return report.NewHTML(f, nil) },
		FindingsSARIF:  func(f io.Writer) report.Renderer { return report.NewSARIF(f, w.move.File, nil) },
	} {
		f, err := w.create(name)
		if err != nil {
			return err
		}
		files = append(files, f)
		renderers = append(renderers, make(f))
	}
	sheet, err := w.create(FindingsXLSX)
	if err != nil {
		return err
	}
	back, err := w.create(FindingsCSV)
	if err != nil {
		return errors.Join(err, sheet.Close())
	}
	files = append(files, sheet, back)
	book, err := report.NewXLSX(sheet, w.review.Report.Findings, nil)
	if err != nil {
		return err
	}
	parts, err := report.NewSplit(w.dir)
	if err != nil {
		return errors.Join(err, book.Discard())
	}
	if w.whole {
		parts.Doubt("the file as a whole must be mended", func(*csvspec.Row) bool { return true })
	}
	lines, counts := report.NewCSV(back), newTally()
	r, err := w.each(ctx, func(row *csvspec.Row, found []validate.Finding) error {
		counts.add(found)
		for _, to := range renderers {
			if err := to.Add(slices.Clone(found)); err != nil {
				return err
			}
		}
		return errors.Join(book.Row(row, found), lines.Row(row, found), parts.Row(row, found))
	})
	if err != nil {
		return errors.Join(err, book.Discard(), parts.Close())
	}
	counts.add(r.Findings)
	counts.into(w.out)
	failed := []error{book.Close(r), lines.Close(), parts.Close()}
	for _, to := range renderers {
		failed = append(failed, to.Close(r))
	}
	if err := errors.Join(failed...); err != nil {
		return err
	}
	return w.put(ctx, FindingsJSON, FindingsNDJSON, FindingsHTML, FindingsSARIF, FindingsXLSX, FindingsCSV, ReadyCSV, DeferredCSV, ErrorsCSV)
}

// each hands every row to visit, with all that is known to be wrong with it.
func (w *reviewFiles) each(ctx context.Context, visit func(*csvspec.Row, []validate.Finding) error) (*validate.Report, error) {
	f, err := w.review.Input.Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rejected := 0
	r, err := validate.Each(ctx, w.move.File, f, w.asked.Validation(w.review.Now, w.review.AccountData), func(row *csvspec.Row, found []validate.Finding) error {
		if !w.whole {
			more := w.review.Judge(row, found)
			if validate.Findings(more).HasErrors() {
				rejected++
			}
			found = append(found[:len(found):len(found)], more...)
		}
		return visit(row, found)
	})
	if err == nil {
		r.Valid, r.Invalid = r.Valid-rejected, r.Invalid+rejected
	}
	return r, err
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
	text, err := json.Marshal(done)
	if err == nil {
		_, err = w.engine.Store.PutArtifact(ctx, w.move.ID, MendedJSON, mediaType(MendedJSON), bytes.NewReader(text))
	}
	if err != nil {
		return err
	}
	return w.put(ctx, MendedCSV)
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
	var text bytes.Buffer
	if err := errors.Join(append(failed, p.Write(&text))...); err != nil {
		return fmt.Errorf("the plan cannot be written: %w", err)
	}
	w.out.Totals, w.out.Days, w.out.Recurring, w.out.Unknown = p.Totals, p.Days, p.Recurring, p.Unknown
	w.out.Assumptions, w.out.PlanDigest = p.Assumptions, p.Digest
	if _, err := w.engine.Store.PutArtifact(ctx, w.move.ID, PlanJSON, mediaType(PlanJSON), &text); err != nil {
		return err
	}
	return w.put(ctx, PlanHTML, PlanRows, ChargesCSV)
}

// byWeight sorts what matters most to the front.
func byWeight(a, b CodeCount) int {
	rank := func(s validate.Severity) int { return slices.Index(severities(), s) }
	return cmp.Or(rank(a.Severity)-rank(b.Severity), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Code, b.Code))
}

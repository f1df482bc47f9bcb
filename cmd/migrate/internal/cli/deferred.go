package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/validate"
)

// deferredFile is the rows of a file that start too soon or cannot be created yet, and where they were written.
type deferredFile struct {
	rows int
	file string // "" when there are none
}

// held is a row that is held back: its record, and the moment from which it can be created, blank when it starts too soon.
type held struct {
	row, line int
	text      string
	from      csvspec.Timestamp
	start     csvspec.Timestamp
}

// notYet are the errors of rows that can be created later: at this moment, a direct subscription would be charged at once, or
// Stripe would refuse it.
var notYet = [...]string{"direct_anchor_far", "direct_start_far"}

// heldBack returns the rows of a reviewed file that are right and start too soon, and with far also those that could not be
// created yet when it was reviewed.
func (w *fileSession) heldBack(ctx context.Context, r *migrate.Review, begun ledger.RowSet, far bool) (header string, rows []held, err error) {
	f, err := w.input.Open()
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	planner := r.Planner()
	// The file is read once, as a stream: what is wrong with rows compared with others is in the report at the end.
	report, err := validate.Each(ctx, w.input.Name, struct{ io.Reader }{f}, w.options.Validation(w.clock.Now(), r.AccountData), func(row *csvspec.Row, found []validate.Finding) error {
		if begun.Has(int64(row.Source.Row)) {
			return nil
		}
		h := held{row: row.Source.Row, line: row.Source.Line, start: row.StartDate}
		if validate.Findings(found).State() != validate.Deferred {
			wrong := slices.ContainsFunc(found, func(f validate.Finding) bool {
				return f.Severity == validate.Error && !slices.Contains(notYet[:], f.Code)
			})
			planned, failed := planner.FromRow(row)
			if h.from = planned.CreatableFrom(); !far || wrong || failed != nil || h.from <= csvspec.At(r.Now) {
				return nil
			}
		}
		header = strings.Clone(row.Source.Header.Source().Raw())
		h.text = strings.Clone(row.Source.Raw())
		rows = append(rows, h)
		return nil
	})
	if err != nil {
		return "", nil, err
	}
	for _, late := range report.Findings {
		if late.Severity == validate.Error && !late.Deferred {
			rows = slices.DeleteFunc(rows, func(h held) bool { return h.row == late.Row })
		}
	}
	return header, rows, nil
}

// writeDeferred writes the rows that start too soon, or cannot be created yet, to a file of their own, byte for byte with the
// header. It is called when a run has ended: a row that an earlier run has begun, or that this one still reached, must not be
// run again under another date.
func (w *fileSession) writeDeferred(ctx context.Context, id string, r *migrate.Review, far bool) (deferredFile, error) {
	begun, err := w.begunRows(ctx, id)
	if err != nil {
		return deferredFile{}, err
	}
	header, rows, err := w.heldBack(ctx, r, begun, far)
	if err != nil || len(rows) == 0 {
		return deferredFile{}, err
	}
	text := new(bytes.Buffer)
	for _, raw := range append([]held{{text: header}}, rows...) {
		text.WriteString(raw.text)
		if !strings.HasSuffix(raw.text, "\n") && !strings.HasSuffix(raw.text, "\r") { // the last record of a file may lack it
			text.WriteByte('\n')
		}
	}
	base := filepath.Base(w.input.Path)
	name, err := writeUnique(filepath.Dir(w.input.Path), base, text.Bytes())
	if err != nil { // a directory that cannot be written to
		var second error
		if name, second = writeUnique(filepath.Join(w.dir, "deferred"), base, text.Bytes()); second != nil {
			return deferredFile{}, fmt.Errorf("the deferred rows cannot be written: %w", errors.Join(err, second))
		}
	}
	if err := w.ledger.SetDeferred(ctx, id, int64(len(rows)), name); err != nil {
		return deferredFile{len(rows), name}, err
	}
	w.sayHeldBack(rows, name)
	return deferredFile{len(rows), name}, nil
}

// sayHeldBack says which rows are in the file, and what can be done with them.
func (w *fileSession) sayHeldBack(rows []held, name string) {
	var far []held
	for _, h := range rows {
		if !h.from.IsBlank() {
			far = append(far, h)
		}
	}
	if soon := len(rows) - len(far); soon > 0 {
		w.say("Held back because of a start too soon: %s, in %s. Move the dates and run that file later.", plural(soon, "row"), name)
	}
	if len(far) == 0 {
		return
	}
	w.say("Held back because they cannot be created yet: %s, in %s. Run that file when they can; by the lines of %s:",
		plural(len(far), "row"), name, w.input.Name)
	for i, h := range far {
		lead := w.options.Lead + w.options.Margin
		switch until := h.start.Time().Add(-lead); {
		case i == shownFailures:
			w.say("  … and %d more: migrate validate says it of each", len(far)-i)
			return
		case until.Before(h.from.Time()):
			w.say("  line %d from %s on, with its start_date moved to %s or later", h.line, w.when(h.from.Time()), w.when(h.from.Time().Add(lead)))
		default:
			w.say("  line %d from %s until %s", h.line, w.when(h.from.Time()), w.when(until))
		}
	}
}

// begunRows returns the rows of a migration of which a schedule exists, has existed, or may exist.
func (w *fileSession) begunRows(ctx context.Context, id string) (ledger.RowSet, error) {
	rows, err := w.ledger.Settled(ctx, id)
	if err != nil {
		return nil, err
	}
	for e, err := range w.ledger.Entries(ctx, id, ledger.Intended, ledger.Unknown) {
		if err != nil {
			return nil, err
		}
		rows.Add(e.Row)
	}
	return rows, nil
}

// writeUnique writes a text to NAME.deferred.csv in dir, or to the first of NAME.deferred-2.csv … that does not exist.
// A file with the same text, which an interrupted run has left, is used as it is. Rows name customers: nobody else may
// read the file.
func writeUnique(dir, base string, text []byte) (string, error) {
	stem := strings.TrimSuffix(base, filepath.Ext(base))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	for n := 1; ; n++ {
		name := filepath.Join(dir, stem+".deferred.csv")
		if n > 1 {
			name = filepath.Join(dir, fmt.Sprintf("%s.deferred-%d.csv", stem, n))
		}
		f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err == nil {
			_, err = f.Write(text)
			return name, errors.Join(err, f.Sync(), f.Close())
		}
		if !errors.Is(err, fs.ErrExist) {
			return name, err
		}
		if f, err = os.Open(name); err != nil {
			return name, err
		}
		have, err := io.ReadAll(io.LimitReader(f, int64(len(text))+1))
		if err = errors.Join(err, f.Close()); err != nil || bytes.Equal(have, text) {
			return name, err
		}
	}
}

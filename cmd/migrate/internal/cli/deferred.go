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
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/validate"
)

// deferredFile is the rows of a file that start too soon, and where they were written.
type deferredFile struct {
	rows int
	file string // "" when there are none
}

// writeDeferred writes the rows that start too soon to a file of their own, byte for byte with the header. It is called
// when a run has ended: a row that an earlier run has begun, or that this one still reached, must not be run again
// under another date.
func (w *fileSession) writeDeferred(ctx context.Context, id string) (deferredFile, error) {
	begun, err := w.begunRows(ctx, id)
	if err != nil {
		return deferredFile{}, err
	}
	f, err := w.input.Open()
	if err != nil {
		return deferredFile{}, err
	}
	defer f.Close()
	// The file is read once, as a stream: what is wrong with rows compared with others is in the report at the end.
	type record struct {
		row  int
		text string
	}
	var header string
	var held []record
	report, err := validate.Each(ctx, w.input.Name, struct{ io.Reader }{f}, w.options.Validation(w.clock.Now(), nil), func(row *csvspec.Row, found []validate.Finding) error {
		if validate.Findings(found).State() == validate.Deferred && !begun.Has(int64(row.Source.Row)) {
			header = strings.Clone(row.Source.Header.Source().Raw())
			held = append(held, record{row.Source.Row, strings.Clone(row.Source.Raw())})
		}
		return nil
	})
	if err != nil {
		return deferredFile{}, err
	}
	for _, late := range report.Findings {
		if late.Severity == validate.Error && !late.Deferred {
			held = slices.DeleteFunc(held, func(r record) bool { return r.row == late.Row })
		}
	}
	if len(held) == 0 {
		return deferredFile{}, nil
	}
	rows, text := len(held), new(bytes.Buffer)
	for _, raw := range append([]record{{text: header}}, held...) {
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
	if err := w.ledger.SetDeferred(ctx, id, int64(rows), name); err != nil {
		return deferredFile{rows, name}, err
	}
	w.say("Held back because of a start too soon: %s, in %s. Move the dates and run that file later.", plural(rows, "row"), name)
	return deferredFile{rows, name}, nil
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

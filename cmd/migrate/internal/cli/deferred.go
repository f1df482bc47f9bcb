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

// writeDeferred writes the rows that start too soon to a file of their own, byte for byte. It is called when a run has
// ended: a row that an earlier run has begun, or that this one still reached, must not be run again under another date.
func (w *fileSession) writeDeferred(ctx context.Context, id string) (deferredFile, error) {
	rows, text, err := w.deferredRows(ctx, id)
	if err != nil || rows == 0 {
		return deferredFile{}, err
	}
	base := filepath.Base(w.input.Path)
	name, err := writeUnique(filepath.Dir(w.input.Path), base, text)
	if err != nil { // a directory that cannot be written to
		var second error
		if name, second = writeUnique(filepath.Join(w.dir, "deferred"), base, text); second != nil {
			return deferredFile{}, fmt.Errorf("the deferred rows cannot be written: %w", errors.Join(err, second))
		}
	}
	if err := w.ledger.SetDeferred(ctx, id, int64(rows), name); err != nil {
		return deferredFile{rows, name}, err
	}
	w.say("Held back because of a start too soon: %s, in %s. Move the dates and run that file later.", plural(rows, "row"), name)
	return deferredFile{rows, name}, nil
}

// deferredRows returns the header and the deferred rows as they stand in the file.
func (w *fileSession) deferredRows(ctx context.Context, id string) (rows int, text []byte, err error) {
	begun, err := w.begunRows(ctx, id)
	if err != nil {
		return 0, nil, err
	}
	f, err := w.input.Open()
	if err != nil {
		return 0, nil, err
	}
	defer f.Close()
	var out bytes.Buffer
	_, err = validate.Each(ctx, w.input.Name, f, w.validationOptions(w.options), func(row *csvspec.Row, found []validate.Finding) error {
		if validate.Findings(found).State() != validate.Deferred || begun.Has(int64(row.Source.Row)) {
			return nil
		}
		if rows++; rows == 1 {
			writeRecord(&out, row.Source.Header.Source().Raw())
		}
		writeRecord(&out, row.Source.Raw())
		return nil
	})
	return rows, out.Bytes(), err
}

// begunRows returns the rows of which a schedule exists, has existed, or may exist.
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

// writeRecord writes a record, and the line ending that the last one of a file may lack.
func writeRecord(out *bytes.Buffer, raw string) {
	out.WriteString(raw)
	if !strings.HasSuffix(raw, "\n") && !strings.HasSuffix(raw, "\r") {
		out.WriteByte('\n')
	}
}

// writeUnique writes a text to NAME.deferred.csv in dir, or to the first of NAME.deferred-2.csv … that does not exist. A
// file with the same text, which an interrupted run has left, is used as it is.
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
		err := writeNew(name, text)
		if !errors.Is(err, fs.ErrExist) {
			return name, err
		}
		if same, err := sameContent(name, text); err != nil || same {
			return name, err
		}
	}
}

// writeNew writes a file that does not exist yet. Rows name customers: nobody else may read them.
func writeNew(name string, text []byte) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

func sameContent(name string, text []byte) (bool, error) {
	f, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	have, err := io.ReadAll(io.LimitReader(f, int64(len(text))+1))
	return bytes.Equal(have, text), err
}

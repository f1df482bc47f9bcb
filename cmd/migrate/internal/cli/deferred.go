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
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/validate"
)

// holdBack writes the rows that start too soon to a file of their own, byte for byte, and returns its name. An
// existing file is never overwritten.
func (w *work) holdBack(ctx context.Context, r *migrate.Review) (string, error) {
	if r.Report.Deferred == 0 {
		return "", nil
	}
	text, err := w.deferredRows(ctx)
	if err != nil {
		return "", err
	}
	base := filepath.Base(w.input.Path)
	name, err := keep(filepath.Dir(w.input.Path), base, text)
	if err != nil { // a directory that cannot be written to
		var second error
		if name, second = keep(filepath.Join(w.dir, "deferred"), base, text); second != nil {
			return "", fmt.Errorf("the deferred rows cannot be written: %w", errors.Join(err, second))
		}
	}
	w.say("Held back: %s that start too soon, in %s: move their dates and run that file later.", plural(r.Report.Deferred, "row"), name)
	return name, nil
}

// deferredRows returns the header and the deferred rows as they stand in the file.
func (w *work) deferredRows(ctx context.Context) ([]byte, error) {
	f, err := w.input.Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out bytes.Buffer
	_, err = validate.Each(ctx, w.input.Name, f, w.validation(w.options), func(row *csvspec.Row, found []validate.Finding) error {
		if validate.Findings(found).State() != validate.Deferred {
			return nil
		}
		if out.Len() == 0 {
			writeRecord(&out, row.Source.Header.Source().Raw())
		}
		writeRecord(&out, row.Source.Raw())
		return nil
	})
	return out.Bytes(), err
}

// writeRecord writes a record, and the line ending that the last one of a file may lack.
func writeRecord(out *bytes.Buffer, raw string) {
	out.WriteString(raw)
	if !strings.HasSuffix(raw, "\n") && !strings.HasSuffix(raw, "\r") {
		out.WriteByte('\n')
	}
}

// keep writes a text to NAME.deferred.csv in dir, or to the first of NAME.deferred-2.csv … that does not exist. A
// file with the same text, which an interrupted run has left, is used as it is.
func keep(dir, base string, text []byte) (string, error) {
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
		if same, err := holds(name, text); err != nil || same {
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

func holds(name string, text []byte) (bool, error) {
	f, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	have, err := io.ReadAll(io.LimitReader(f, int64(len(text))+1))
	return bytes.Equal(have, text), err
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/report"
)

// split writes the file in three parts. What is ready passes the same validation by itself: where the file as a whole
// stands in the way, the rows concerned are not ready.
func (v *validation) split(ctx context.Context, r *validate.Report) error {
	reason, concerned := v.inTheWay(r)
	ready, err := v.splitInto(ctx, reason, concerned)
	if err != nil || ready == 0 {
		return err
	}
	f, err := v.failing(ctx)
	if err != nil || f == nil {
		return err
	}
	// What is wrong shows in the rows that are left only, a warning about all of them that counts as an error.
	for _, name := range []string{report.ReadyFile, report.DeferredFile, report.ErrorsFile} {
		if err := os.Remove(filepath.Join(v.flags.split, name)); err != nil {
			return err
		}
	}
	_, err = v.splitInto(ctx, asReason(*f), func(*csvspec.Row) bool { return true })
	return err
}

// splitInto writes the three parts and says how many rows each has.
func (v *validation) splitInto(ctx context.Context, reason string, concerned func(*csvspec.Row) bool) (ready int, err error) {
	if _, err := v.in.(io.Seeker).Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	parts, err := report.NewSplit(v.flags.split)
	if err != nil {
		return 0, err
	}
	parts.Commands(v.commands)
	if concerned != nil {
		parts.Doubt(reason, concerned)
	}
	_, err = v.each(ctx, v.in, func(row *csvspec.Row, found []validate.Finding) error {
		return parts.Row(row, found)
	})
	if err = joined(err, parts.Close()); err != nil {
		return 0, err
	}
	ready, deferred, wrong := parts.Counts()
	v.say("%s: %s (%d), %s (%d), %s (%d)", v.flags.split, report.ReadyFile, ready, report.DeferredFile, deferred, report.ErrorsFile, wrong)
	if reason != "" {
		v.say("Not ready because of the whole file: %s", reason)
	}
	return ready, nil
}

// inTheWay returns what of the file as a whole keeps rows from being ready, and which; nil when nothing does.
func (v *validation) inTheWay(r *validate.Report) (reason string, concerned func(*csvspec.Row) bool) {
	for _, f := range r.Findings {
		if f.Row == 0 && f.Severity == validate.Error {
			return asReason(f), func(*csvspec.Row) bool { return true }
		}
	}
	if v.unitInDoubt == nil {
		return "", nil
	}
	reason = fmt.Sprintf("%s %q in line %d has decimals, so the whole file may state full units: say --amount-unit major or --amount-unit minor",
		v.unitInDoubt.Column, v.unitInDoubt.Value, v.unitInDoubt.Line)
	return reason, func(row *csvspec.Row) bool { return len(row.AdhocItems)+len(row.AddInvoiceItems) > 0 }
}

// asReason is a finding about the file as the reason why its rows are not ready.
func asReason(f validate.Finding) string {
	text := f.Message + " " + f.Fix
	if f.Column != "" {
		text = f.Column + ": " + text
	}
	return strings.TrimSpace(text)
}

// failing returns the first error of the rows that are ready, validated by themselves, or nil.
func (v *validation) failing(ctx context.Context) (*validate.Finding, error) {
	path := filepath.Join(v.flags.split, report.ReadyFile)
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	options := v.options
	options.Sheet = "" // it is text
	r, err := validate.File(ctx, path, f, options)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	for i := range r.Findings {
		if r.Findings[i].Severity == validate.Error && !r.Findings[i].Deferred {
			return &r.Findings[i], nil
		}
	}
	return nil, nil
}

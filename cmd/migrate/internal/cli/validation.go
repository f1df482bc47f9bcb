package cli

import (
	"context"
	"io"
	"slices"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/report"
)

// validation is one validation of a file, in the form that is wanted.
type validation struct {
	*app
	flags   validateFlags
	name    string
	in      io.Reader
	options validate.Options

	review *migrate.Review // what the account says; nil when it was not asked
	work   *work           // that has asked it

	mendable bool // a finding says what to write instead
}

// do validates, writes what was found, and splits the file when asked to.
func (v *validation) do(ctx context.Context) (r *validate.Report, err error) {
	if v.output == formatCSV {
		r, err = v.sendBack(ctx)
	} else {
		r, err = v.render(ctx, v.renderer())
	}
	if err != nil || v.flags.split == "" {
		return r, err
	}
	return r, v.split(ctx)
}

// renderer returns the form that is wanted.
func (v *validation) renderer() report.Renderer {
	switch v.output {
	case formatJSON:
		return report.NewJSON(v.stdout())
	case formatNDJSON:
		return report.NewNDJSON(v.stdout())
	case formatSARIF:
		return report.NewSARIF(v.stdout(), v.name, nil)
	case formatHTML:
		return report.NewHTML(v.stdout(), nil)
	}
	return report.NewText(v.stdout(), v.textOptions(v.flags.limit))
}

// render validates in one pass.
func (v *validation) render(ctx context.Context, out report.Renderer) (*validate.Report, error) {
	add := func(found validate.Findings) error {
		v.note(found)
		return out.Add(found)
	}
	var r *validate.Report
	var err error
	if v.review == nil {
		r, err = validate.Scan(ctx, v.name, v.in, v.options, add)
	} else {
		r, err = v.each(ctx, v.in, func(_ *csvspec.Row, found []validate.Finding) error { return add(slices.Clone(found)) })
	}
	if err != nil {
		return nil, err
	}
	return r, out.Close(r)
}

// note notes what the next command depends on.
func (v *validation) note(found []validate.Finding) {
	v.mendable = v.mendable || slices.ContainsFunc(found, func(f validate.Finding) bool { return f.Suggestion != "" })
}

// sendBack writes the same file with a column of errors. What is wrong with the file itself has no row to stand in.
func (v *validation) sendBack(ctx context.Context) (*validate.Report, error) {
	out := report.NewCSV(v.stdout())
	r, err := v.each(ctx, v.in, func(row *csvspec.Row, found []validate.Finding) error {
		v.note(found)
		return out.Row(row, found)
	})
	if err != nil {
		return nil, err
	}
	for _, f := range r.Findings {
		v.say("%s", f.At(v.name))
	}
	return r, out.Close()
}

// split writes the file in three parts.
func (v *validation) split(ctx context.Context) error {
	if _, err := v.in.(io.Seeker).Seek(0, io.SeekStart); err != nil {
		return err
	}
	parts, err := report.NewSplit(v.flags.split)
	if err != nil {
		return err
	}
	_, err = v.each(ctx, v.in, func(row *csvspec.Row, found []validate.Finding) error {
		return parts.Row(row, found)
	})
	if err = joined(err, parts.Close()); err != nil {
		return err
	}
	ready, deferred, wrong := parts.Counts()
	v.say("%s: %s (%d), %s (%d), %s (%d)", v.flags.split, report.ReadyFile, ready, report.DeferredFile, deferred, report.ErrorsFile, wrong)
	return nil
}

package cli

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/xlsx"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/report"
)

// validation is one validation of a file, in the form that is wanted.
type validation struct {
	*app
	flags    validateFlags
	name     string
	in       io.Reader
	options  validate.Options
	commands report.Commands

	review  *migrate.Review // what the account says; nil when it was not asked
	session *fileSession    // that has asked it

	refused bool // a run of the file would be refused as things are

	strongestMend validate.Mend     // the strongest of what mends a finding
	unitInDoubt   *validate.Finding // an amount that may be in full units, while nobody has said the unit
}

// run validates, writes what was found, and splits the file when asked to.
func (v *validation) run(ctx context.Context) (r *validate.Report, err error) {
	if v.output == formatCSV || v.output == formatXLSX || v.flags.split != "" {
		if err := v.refuseDateCells(ctx); err != nil {
			return nil, err
		}
	}
	switch v.output {
	case formatCSV:
		r, err = v.sendBack(ctx)
	case formatXLSX:
		r, err = v.sendWorkbook(ctx)
	case formatJSON:
		r, err = v.render(ctx, report.NewJSON(v.stdout()))
	case formatNDJSON:
		r, err = v.render(ctx, report.NewNDJSON(v.stdout()))
	case formatSARIF:
		r, err = v.render(ctx, report.NewSARIF(v.stdout(), v.name, nil))
	case formatHTML:
		page := report.NewHTML(v.stdout(), nil)
		page.Commands(v.commands)
		r, err = v.render(ctx, page)
	default:
		r, err = v.render(ctx, report.NewText(v.stdout(), v.textOptions(v.flags.limit, v.commands)))
	}
	if err == nil {
		v.note(r.Findings)
	}
	if err != nil || v.flags.split == "" {
		return r, err
	}
	return r, v.split(ctx, r)
}

// refuseDateCells refuses to write the rows of a workbook whose dates are date cells: these have no time zone, and
// would be written as the Unix seconds of another zone than the one that was meant, with nothing in the new file to
// show it.
func (v *validation) refuseDateCells(ctx context.Context) error {
	in := v.in.(io.ReadSeeker)
	head := make([]byte, 4)
	n, _ := io.ReadFull(in, head) // an error comes again when the file is read
	if _, err := in.Seek(0, io.SeekStart); err != nil || !xlsx.Is(head[:n]) {
		return err
	}
	r, err := validate.Scan(ctx, v.name, in, v.options, nil)
	if err != nil {
		return err
	}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return err
	}
	for _, f := range r.Findings {
		if f.Code == "file_sheet_dates" {
			const refused = "%s: it has date cells, the first in row %d, which have no time zone: its rows would be written with times in UTC"
			if v.commands == nil {
				return &invalidFile{fmt.Sprintf(refused+"; save it to a file, and say the zone to migrate fix --dates first", v.name, f.Line)}
			}
			return &withSuggestions{&invalidFile{fmt.Sprintf(refused, v.name, f.Line)}, []suggestion{{"write them with the times of your own zone", v.commands(validate.MendFixDates)}}}
		}
	}
	return nil
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

// note notes what the next command and the split depend on.
func (v *validation) note(found []validate.Finding) {
	for i := range found {
		f := &found[i]
		// That of an export comes before all; of the others, the words of a stronger one begin with those of a weaker
		// one.
		if v.strongestMend != validate.MendConvert && (f.Mend == validate.MendConvert || len(f.Mend) > len(v.strongestMend)) {
			v.strongestMend = f.Mend
		}
		amount := f.Code == "amount_has_decimals" || f.Code == "amount_unreadable"
		if amount && v.unitInDoubt == nil && v.options.Unit == csvspec.UnitUnstated && validate.AmountInDoubt(f.Value) {
			v.unitInDoubt = f
		}
	}
}

// sendBack writes the same file with a column of errors. What is wrong with the file itself has no row to stand in.
func (v *validation) sendBack(ctx context.Context) (*validate.Report, error) {
	out := report.NewCSV(v.stdout())
	out.Commands(v.commands)
	r, err := v.each(ctx, v.in, func(row *csvspec.Row, found []validate.Finding) error {
		v.note(found)
		return out.Row(row, found)
	})
	if err != nil {
		return nil, err
	}
	v.aboutFile(r)
	return r, out.Close()
}

// sendWorkbook writes the same file as a workbook with its faulty cells marked.
func (v *validation) sendWorkbook(ctx context.Context) (*validate.Report, error) {
	about, err := validate.Scan(ctx, v.name, v.in, v.options, nil)
	if err == nil {
		_, err = v.in.(io.Seeker).Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, err
	}
	out, err := report.NewXLSX(v.stdout(), about.Findings, v.commands)
	if err != nil {
		return nil, err
	}
	r, err := v.each(ctx, v.in, func(row *csvspec.Row, found []validate.Finding) error {
		v.note(found)
		return out.Row(row, found)
	})
	if err != nil {
		return nil, joined(err, out.Discard())
	}
	v.aboutFile(r)
	if err := out.Close(r); err != nil {
		return nil, err
	}
	if n := out.Uncommented(); n > 0 {
		v.say("%s more are marked without a comment: Excel takes no more than %d of them well.", plural(n, "cell"), report.MaxComments)
	}
	return r, nil
}

// aboutFile says what was found in the file as a whole, beside an output that has a place for rows only.
func (v *validation) aboutFile(r *validate.Report) {
	for _, f := range r.Findings {
		v.say("%s", f.At(v.name))
	}
}

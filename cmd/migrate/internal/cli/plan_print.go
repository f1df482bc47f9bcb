package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	"github.com/subferry/subferry/migrate/plan"
	"github.com/subferry/subferry/migrate/plan/report"
)

// planWriter shows rows as they are planned, and then the plan.
type planWriter interface {
	Row(*plan.Row) error
	End(*plan.Plan) error
}

// planPrinter prints a plan in the form that was asked for. JSON that was begun is always completed, with the error in
// it when there is one.
type planPrinter struct {
	app  *app
	file *replacement // where it is printed to; nil is standard output
	out  *bufio.Writer
	form planWriter // nil is JSON
	rows int
}

// planPrinter returns the printer for the form and the file that were asked for.
func (a *app) planPrinter(f planFlags) (*planPrinter, error) {
	p := &planPrinter{app: a, out: bufio.NewWriter(a.env.Stdout)}
	var err error
	if f.outputFile != "" {
		if p.file, err = replace(f.outputFile); err != nil {
			return nil, err
		}
		p.out = bufio.NewWriter(p.file)
	}
	zone := f.zone.in(a.env)
	switch a.output {
	case formatText:
		p.form = planText{p.out}
	case formatCSV:
		p.form, err = report.NewCSV(p.out, zone)
	case formatHTML:
		p.form = report.NewHTML(p.out, zone)
	}
	return p, err
}

// row prints one row.
func (p *planPrinter) row(r *plan.Row) error {
	p.rows++
	if p.form != nil {
		return p.form.Row(r)
	}
	separator := ",\n"
	if p.rows == 1 {
		separator = "{\"rows\": [\n"
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "%s%s", separator, text)
	return err
}

// end prints the plan, or in JSON mode why there is none, and returns what went wrong.
func (p *planPrinter) end(made *plan.Plan, failure error) error {
	var err error
	switch {
	case p.form != nil && failure == nil:
		err = p.form.End(made)
	case p.form == nil && p.rows > 0:
		key, value := "plan", any(made)
		if failure != nil {
			key, value = "error", p.app.errorJSON(failure)
		}
		var text []byte
		if text, err = json.MarshalIndent(value, "", "  "); err == nil {
			_, err = fmt.Fprintf(p.out, "\n],\n%q: %s}\n", key, text)
		}
	}
	err = joined(err, p.out.Flush())
	if p.file != nil {
		return p.file.end(joined(failure, err))
	}
	if err != nil {
		return joined(failure, err)
	}
	if p.form != nil || p.rows == 0 {
		return failure
	}
	return asPrinted(failure) // its JSON stands on stdout already
}

// planText is a plan for a terminal: a line a row, and below them what package plan writes.
type planText struct{ out io.Writer }

func (t planText) Row(r *plan.Row) error {
	_, err := fmt.Fprintln(t.out, r)
	return err
}

func (t planText) End(p *plan.Plan) error {
	if _, err := fmt.Fprintln(t.out); err != nil {
		return err
	}
	return p.WriteText(t.out)
}

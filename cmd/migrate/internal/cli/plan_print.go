package cli

import (
	"bufio"
	"encoding/json"
	"fmt"

	"github.com/subferry/subferry/migrate/plan"
)

// planPrinter prints rows as they are planned, and then the plan: {"rows": […], "plan": {…}} in JSON mode. What it has
// begun in JSON it ends in JSON, whatever goes wrong between.
type planPrinter struct {
	app  *app
	out  *bufio.Writer
	rows int
}

func (a *app) planPrinter() *planPrinter {
	return &planPrinter{app: a, out: bufio.NewWriter(a.env.Stdout)}
}

// row prints one row.
func (p *planPrinter) row(r *plan.Row) error {
	p.rows++
	if p.app.text() {
		_, err := fmt.Fprintln(p.out, r)
		return err
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "%s%s", p.separator(), text)
	return err
}

func (p *planPrinter) separator() string {
	if p.rows == 1 {
		return "{\"rows\": [\n"
	}
	return ",\n"
}

// end prints the plan, or in JSON mode why there is none, and returns what went wrong.
func (p *planPrinter) end(made *plan.Plan, failure error) error {
	var err error
	switch {
	case p.app.text() && failure == nil:
		fmt.Fprintln(p.out)
		err = made.WriteText(p.out)
	case !p.app.text() && p.rows > 0:
		err = p.endJSON(made, failure)
	}
	if err = joined(err, p.out.Flush()); err != nil {
		return joined(failure, err)
	}
	return p.printed(failure)
}

// printed is the failure, whose JSON stands on stdout already when rows do.
func (p *planPrinter) printed(failure error) error {
	if p.app.text() || p.rows == 0 {
		return failure
	}
	return printedIf(failure)
}

func (p *planPrinter) endJSON(made *plan.Plan, failure error) error {
	key, value := "plan", any(made)
	if failure != nil {
		key, value = "error", p.app.problem(failure)
	}
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "\n],\n%q: %s}\n", key, text)
	return err
}

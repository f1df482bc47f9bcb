package cli

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/ledger/sqlite"
)

// reportCommand shows what became of every row.
func (a *app) reportCommand() *cobra.Command {
	var state stateFlag
	cmd := &cobra.Command{
		Use:   "report ID",
		Short: "List what became of every row: the map from old IDs to new ones",
		Long: `Lists the rows of a migration in the order of the file: line, customer, the subscription's ID in the old system,
the schedule's ID in Stripe, strategy, state, and Stripe's error where there is one. Rows that were never begun
are not listed. It reads the ledger on this computer.`,
		Example: "  migrate report mig_…\n  migrate report -o csv mig_… > map.csv",
		Args:    one("ID"), ValidArgsFunction: a.completeIDs(&state),
		RunE: a.does(func(ctx context.Context, args []string) error {
			return a.withLedger(ctx, state, func(store *sqlite.Store, _ string) error { return a.report(ctx, store, args[0], state) })
		}),
	}
	a.outputFlag(cmd, formatText, formatJSON, formatCSV)
	state.add(cmd)
	return cmd
}

func (a *app) report(ctx context.Context, store ledger.Ledger, id string, state stateFlag) error {
	s, err := a.summary(ctx, store, id, ledgerFlags{state: state}, a.env.Now())
	if err != nil {
		return err
	}
	var out rowWriter
	switch a.output {
	case formatJSON:
		out = &jsonRows{w: a.stdout()}
	case formatCSV:
		out = &csvRows{csv.NewWriter(a.stdout())}
	default:
		out = &textRows{tabwriter.NewWriter(a.stdout(), 0, 0, 2, ' ', 0)}
	}
	if err := out.begin(); err != nil {
		return err
	}
	for line, err := range migrate.Report(ctx, store, id) {
		if err != nil {
			return err
		}
		if err := out.row(line); err != nil {
			return err
		}
	}
	if err := out.end(); err != nil {
		return err
	}
	if s.Pending > 0 {
		a.say("Not listed: %s, not begun.", plural(s.Pending, "row"))
	}
	a.nextOf(s, state, underWay(s) && atWork(store, id))
	return nil
}

// rowWriter writes a report, row by row, so that a million of them need no memory.
type rowWriter interface {
	begin() error
	row(migrate.ReportLine) error
	end() error
}

// reportColumns are the columns of a report as CSV and as text.
func reportColumns() []string {
	return []string{"row", "line", "customer", "source_id", "schedule_id", "strategy", "start", "state", "code", "error"}
}

func cells(l migrate.ReportLine) []string {
	return []string{strconv.FormatInt(l.Row, 10), strconv.FormatInt(l.Line, 10), l.Customer, l.SourceID, l.ScheduleID,
		l.Strategy, l.Start.String(), l.State, l.Code, l.Error}
}

type csvRows struct{ w *csv.Writer }

func (c *csvRows) begin() error { return c.w.Write(reportColumns()) }

func (c *csvRows) row(l migrate.ReportLine) error {
	all := cells(l)
	for i := range all {
		all[i] = harmless(all[i])
	}
	return c.w.Write(all)
}

func (c *csvRows) end() error {
	c.w.Flush()
	return c.w.Error()
}

// harmless keeps a spreadsheet from taking a cell for a formula.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

type textRows struct{ w *tabwriter.Writer }

func (t *textRows) begin() error {
	_, err := fmt.Fprintln(t.w, "LINE\tCUSTOMER\tSOURCE\tSCHEDULE\tSTRATEGY\tSTATE\tERROR")
	return err
}

func (t *textRows) row(l migrate.ReportLine) error {
	cells := []string{strconv.FormatInt(l.Line, 10), l.Customer, l.SourceID, l.ScheduleID, l.Strategy, l.State}
	if l.Error != "" || l.Code != "" { // an empty last cell would leave spaces at the end of every line
		cells = append(cells, withCode(migrate.Failure{Code: l.Code, Message: l.Error}))
	}
	_, err := fmt.Fprintln(t.w, strings.Join(cells, "\t"))
	return err
}

func (t *textRows) end() error { return t.w.Flush() }

// jsonRows writes an array with one object a line.
type jsonRows struct {
	w io.Writer
	n int
}

func (j *jsonRows) begin() error {
	_, err := io.WriteString(j.w, "[")
	return err
}

func (j *jsonRows) row(l migrate.ReportLine) error {
	text, err := json.Marshal(jsonLine{l, l.Start.String()})
	if err != nil {
		return err
	}
	separator := ",\n"
	if j.n++; j.n == 1 {
		separator = "\n"
	}
	_, err = fmt.Fprintf(j.w, "%s%s", separator, text)
	return err
}

// jsonLine is a line with its start in RFC 3339, as everywhere in the program's JSON.
type jsonLine struct {
	migrate.ReportLine
	Start string `json:"start"`
}

func (j *jsonRows) end() error {
	_, err := io.WriteString(j.w, "\n]\n")
	return err
}

package cli

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/usage"
	"github.com/subferry/subferry/validate/report"
)

// usageStatusCommand shows how a run of usage stands.
func (a *app) usageStatusCommand() *cobra.Command {
	var state stateFlag
	cmd := &cobra.Command{
		Use:     "status ID",
		Short:   "Show how a run of usage stands",
		Long:    "Shows how many events of a run were sent, refused or taken back. It reads the ledger: no key is needed.",
		Example: "  migrate usage status use_…\n  migrate usage status -o json use_… | jq .sent",
		Args:    oneArgument("ID"),
		RunE: a.asRunE(func(ctx context.Context, args []string) error {
			return a.withLedger(ctx, state, func(store ledger.Ledger, _ string) error {
				o, err := usage.Status(ctx, store, args[0])
				switch {
				case err != nil:
					return a.unknownUsage(ctx, store, err)
				case !a.textMode():
					return a.printJSON(usageOutcome{Summary: o})
				}
				a.showUsage(o)
				a.say("Next: %s", a.commandLine(state, "usage", "report", o.ID))
				return nil
			})
		}),
	}
	a.outputFlag(cmd, formatText, formatJSON)
	state.add(cmd)
	return cmd
}

// usageReportCommand lists what became of every event.
func (a *app) usageReportCommand() *cobra.Command {
	var state stateFlag
	cmd := &cobra.Command{
		Use:   "report ID",
		Short: "List what became of every event of a run",
		Long: `Lists the events of a run in the order of the file: line, identifier, customer, meter, time, value, state, and Stripe's
error where there is one. Rows that an earlier run has sent are in the report of that one. It reads the ledger.`,
		Example: "  migrate usage report use_…\n  migrate usage report -o csv use_… > events.csv",
		Args:    oneArgument("ID"),
		RunE: a.asRunE(func(ctx context.Context, args []string) error {
			return a.withLedger(ctx, state, func(store ledger.Ledger, _ string) error {
				if _, err := store.UsageRun(ctx, args[0]); err != nil {
					return a.unknownUsage(ctx, store, err)
				}
				return a.usageReport(ctx, store, args[0])
			})
		}),
	}
	a.outputFlag(cmd, formatText, formatJSON, formatCSV)
	state.add(cmd)
	return cmd
}

// usageRow is an event as JSON shows it.
type usageRow struct {
	Row        int64     `json:"row"`
	Line       int64     `json:"line"`
	Identifier string    `json:"identifier"`
	Customer   string    `json:"customer"`
	EventName  string    `json:"event_name"`
	Timestamp  time.Time `json:"timestamp"`
	Value      string    `json:"value"`
	State      string    `json:"state"`
	Code       string    `json:"code"`
	Error      string    `json:"error"`
	RequestID  string    `json:"request_id"`
}

// usageReport writes the events one by one.
func (a *app) usageReport(ctx context.Context, store ledger.Usage, id string) error {
	table := tabwriter.NewWriter(a.stdout(), 0, 0, 2, ' ', 0)
	cells := csv.NewWriter(a.stdout())
	header := []string{"row", "line", "identifier", "customer", "event_name", "timestamp", "value", "state", "code", "error"}
	separator := "[\n"
	switch a.output {
	case formatCSV:
		if err := cells.Write(header); err != nil {
			return err
		}
	case formatText:
		fmt.Fprintln(table, "LINE\tIDENTIFIER\tCUSTOMER\tMETER\tTIME\tVALUE\tSTATE\tERROR")
	}
	for e, err := range store.UsageEvents(ctx, id) {
		if err != nil {
			return err
		}
		row := usageRow{e.Row, e.Line, e.Identifier, e.Customer, e.Meter, e.Timestamp.Time(), e.Value, string(e.State), e.ErrorCode, e.Error, e.RequestID}
		switch a.output {
		case formatJSON:
			text, err := json.Marshal(row)
			if err != nil {
				return err
			}
			a.print("%s%s", separator, text)
			separator = ",\n"
		case formatCSV:
			line := []string{strconv.FormatInt(e.Row, 10), strconv.FormatInt(e.Line, 10), e.Identifier, e.Customer, e.Meter, e.Timestamp.String(), e.Value, string(e.State), e.ErrorCode, e.Error}
			for i, c := range line {
				if i != 6 { // a negative value is no formula
					line[i] = report.EscapeFormula(c)
				}
			}
			if err := cells.Write(line); err != nil {
				return err
			}
		default:
			line := fmt.Sprintf("%d\t%s\t%s\t%s\t%s\t%s\t%s", e.Line, e.Identifier, e.Customer, e.Meter, e.Timestamp, e.Value, e.State)
			if e.Error != "" || e.ErrorCode != "" { // an empty last cell would leave spaces at the end of every line
				line += "\t" + withCode(migrate.Failure{Code: e.ErrorCode, Message: e.Error})
			}
			fmt.Fprintln(table, line)
		}
	}
	if a.output == formatJSON {
		if separator == "[\n" {
			a.print("[")
		}
		a.print("\n]\n")
	}
	cells.Flush()
	return joined(cells.Error(), table.Flush())
}

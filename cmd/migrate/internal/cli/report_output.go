package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
)

// rowWriter writes a report, row by row, so that a million of them need no memory.
type rowWriter interface {
	begin() error
	row(migrate.ReportLine) error
	end() error
}

type csvRows struct{ *migrate.ReportCSV }

func (csvRows) begin() error                     { return nil }
func (c csvRows) row(l migrate.ReportLine) error { return c.Row(l) }
func (c csvRows) end() error                     { return c.End() }

type textRows struct {
	w      *tabwriter.Writer
	direct bool // with direct subscriptions
}

func (t *textRows) begin() error {
	made := "SCHEDULE"
	if t.direct {
		made = "SCHEDULE OR SUBSCRIPTION"
	}
	_, err := fmt.Fprintln(t.w, "LINE\tCUSTOMER\tSOURCE\t"+made+"\tSTRATEGY\tSTATE\tERROR")
	return err
}

func (t *textRows) row(l migrate.ReportLine) error {
	state := l.State
	if state == string(ledger.Scheduled) && schedule.Strategy(l.Strategy).IsDirect() {
		state = "created" // it is there already; in CSV and JSON the ledger's words are kept
	}
	cells := []string{strconv.FormatInt(l.Line, 10), l.Customer, l.SourceID, cmp.Or(l.SubscriptionID, l.ScheduleID), l.Strategy, state}
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

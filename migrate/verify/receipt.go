package verify

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"strconv"

	"github.com/subferry/subferry/validate/report"
)

// Receipt is the proof of a verification without differences.
type Receipt struct {
	*Result
	Lines []Line `json:"lines"`
}

// ErrDiffers is returned when a receipt is asked for a verification that has found differences.
var ErrDiffers = errors.New("there is no receipt while there are differences")

// WriteJSON writes the receipt as JSON. It returns ErrDiffers when there are differences.
func (r *Result) WriteJSON(w io.Writer) error {
	if !r.Clean() {
		return ErrDiffers
	}
	lines := r.Lines
	if lines == nil {
		lines = []Line{}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(Receipt{r, lines})
}

// WriteCSV writes the receipt as CSV, one line a row. What holds for the whole is repeated in the last columns. It returns
// ErrDiffers when there are differences.
func (r *Result) WriteCSV(w io.Writer) error {
	if !r.Clean() {
		return ErrDiffers
	}
	out := csv.NewWriter(w)
	err := out.Write([]string{"row", "line", "customer", "schedule_id", "subscription_id", "source_id", "status", "fields", "sha256",
		"migration", "account", "source_account", "verified_at", "file_sha256", "receipt_sha256"})
	for _, l := range r.Lines {
		err = errors.Join(err, out.Write(escaped(number(l.Row), number(l.Line), l.Customer, l.ScheduleID, l.SubscriptionID, l.SourceID, l.Status,
			strconv.Itoa(l.Fields), l.SHA256, r.Migration, r.Account, r.SourceAccount, r.At, r.FileSHA256, r.SHA256)))
	}
	out.Flush()
	return errors.Join(err, out.Error())
}

// WriteDifferences writes the differences as CSV, one line each.
func (r *Result) WriteDifferences(w io.Writer) error {
	out := csv.NewWriter(w)
	err := out.Write([]string{"row", "line", "customer", "schedule_id", "subscription_id", "source_id", "side", "field", "expected", "found", "sentence"})
	for _, d := range r.Differences {
		err = errors.Join(err, out.Write(escaped(number(d.Row), number(d.Line), d.Customer, d.ScheduleID, d.SubscriptionID, d.SourceID,
			string(d.Side), d.Field, d.Expected, d.Found, d.Sentence)))
	}
	out.Flush()
	return errors.Join(err, out.Error())
}

// escaped keeps cells from being taken for formulas.
func escaped(cells ...string) []string {
	for i := range cells {
		cells[i] = report.EscapeFormula(cells[i])
	}
	return cells
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

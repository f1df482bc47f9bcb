package monitor

import (
	_ "embed" // the page
	"encoding/csv"
	"io"
	"strconv"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/internal/page"
)

// WriteCSV writes all rows as a table, those with problems first.
func (r *Result) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{
		"row", "line", "customer", "source_id", "schedule_id", "subscription_id", "state", "invoice_id", "amount", "currency", "created",
		"due_date", "next_attempt", "attempts", "decline_code", "retryable", "message", "sentence",
	}); err != nil {
		return err
	}
	for _, l := range r.Lines {
		retryable, amount := "", ""
		if l.Retryable != nil {
			retryable = strconv.FormatBool(*l.Retryable)
		}
		if l.InvoiceID != "" {
			amount = strconv.FormatInt(l.Amount, 10)
		}
		if err := out.Write([]string{
			strconv.FormatInt(l.Row, 10), strconv.FormatInt(l.Line, 10), l.Customer, l.SourceID, l.ScheduleID, l.SubscriptionID,
			string(l.State), l.InvoiceID, amount, l.Currency, l.Created, l.DueDate, l.NextAttempt,
			strconv.FormatInt(l.Attempts, 10), l.DeclineCode, retryable, l.Message, l.Sentence,
		}); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

//go:embed page/page.html
var pageHTML string

// maxPageLines is how many rows a page lists.
const maxPageLines = 1000

// WriteHTML writes one page that needs nothing else, and no script: counts, decline codes, and the rows that somebody has
// to look at.
func (r *Result) WriteHTML(w io.Writer) error {
	v := view{ID: r.ID, File: r.File, Account: r.Account, At: r.At, Rows: r.Rows, Problems: r.Problems, Waiting: r.Waiting, Declines: r.Declines, Style: page.TheStyle()}
	v.Paid = r.Counts[Paid]
	for _, s := range States() {
		if n := r.Counts[s]; n > 0 {
			v.Counts = append(v.Counts, viewCount{Words(s), n, s.Problem()})
		}
	}
	for _, l := range r.Lines {
		if !l.State.Problem() || len(v.Lines) == maxPageLines {
			break
		}
		one := viewLine{Line: l}
		if l.InvoiceID != "" {
			one.Money = csvspec.Money{Minor: l.Amount, Currency: l.Currency}.String()
		}
		v.Lines = append(v.Lines, one)
	}
	return page.Write(w, pageHTML, v)
}

type view struct {
	ID, File, Account, At   string
	Rows, Problems, Waiting int64
	Paid                    int64
	Counts                  []viewCount
	Declines                []Decline
	Lines                   []viewLine
	Style                   page.Style
}

// Rest is how many rows with problems are not listed.
func (v view) Rest() int64 { return v.Problems - int64(len(v.Lines)) }

type viewCount struct {
	Words string
	N     int64
	Bad   bool
}

type viewLine struct {
	Line
	Money string
}

// What writes the state for people.
func (l viewLine) What() string { return Words(l.State) }

// Words writes a state for people.
func Words(s State) string {
	switch s {
	case MissingMethod:
		return "no payment method"
	case PastDue:
		return "past due"
	case NoneYet:
		return "no charge yet"
	case NotLive:
		return "not live yet"
	}
	return string(s)
}

package report

import (
	"crypto/sha256"
	_ "embed" // the page
	"encoding/base64"
	"html/template"
	"io"
	"strings"

	"github.com/subferry/subferry/migrate/rehearse"
)

var (
	//go:embed page/page.html
	pageHTML string
	//go:embed page/page.css
	pageStyle string
)

// maxPageNotes is how many failures, and how many differences, a page lists.
const maxPageNotes = 200

// HTML writes one page that needs nothing else, and no script: totals, a chart of the charges by day for each currency,
// a table by month and by day, failures and differences.
func HTML(w io.Writer, r *rehearse.Rehearsal) error {
	page, err := template.New("page").Funcs(template.FuncMap{"number": number}).Parse(pageHTML)
	if err != nil {
		return err
	}
	return page.Execute(w, viewOf(r))
}

// view is what page.html shows.
type view struct {
	File, SHA256, Period, Rows, Agreement string
	Scheduled, Invoices, Failed           int64
	Different                             int64
	Currencies                            []currencyView
	Failures, Differences                 notes
	Style                                 template.CSS
	StyleHash                             string
}

type currencyView struct {
	Code, Words  string
	Busiest      string
	Chart        chart
	Sent, Failed bool
	Months, Days []sumView
}

type sumView struct {
	When            string
	Charges         int64
	Amount, Outcome string
}

type notes struct {
	All  int64
	List []note
}

// Rest is how many are not listed.
func (n notes) Rest() int64 { return n.All - int64(len(n.List)) }

type note struct {
	Line                         int64
	Customer, SourceID, Strategy string
	Text                         string
}

func viewOf(r *rehearse.Rehearsal) view {
	v := view{
		File: r.File, SHA256: r.SHA256, Period: period(r.From, r.Until), Rows: rowsWords(r), Agreement: agreement(r),
		Scheduled: r.Scheduled, Invoices: r.Invoices, Different: r.Differences.Rows,
		Style: template.CSS(pageStyle), StyleHash: hash(pageStyle),
	}
	for _, t := range r.Totals {
		v.Currencies = append(v.Currencies, currencyOf(r, t))
	}
	for _, n := range r.Failures.Counts {
		v.Failures.All += n
	}
	v.Failed = v.Failures.All
	for _, f := range r.Failures.Shown[:min(maxPageNotes, len(r.Failures.Shown))] {
		v.Failures.List = append(v.Failures.List, noteOf(f.Row, failureWords(f)))
	}
	for _, n := range r.Differences.Counts {
		v.Differences.All += n
	}
	for _, d := range r.Differences.Shown[:min(maxPageNotes, len(r.Differences.Shown))] {
		v.Differences.List = append(v.Differences.List, noteOf(d.Row, differenceWords(d)))
	}
	return v
}

func noteOf(r rehearse.Row, text string) note {
	return note{r.Line, r.Customer, r.SourceID, r.Strategy, text}
}

func currencyOf(r *rehearse.Rehearsal, t rehearse.Total) currencyView {
	days := inCurrency(r.Days, t.Currency)
	c := currencyView{
		Code: strings.ToUpper(t.Currency), Words: sumsWords(t.Sums, t.Currency), Chart: chartOf(days, t.Currency),
		Sent: t.Sent > 0, Failed: t.Failed > 0,
	}
	for _, m := range months(days) {
		c.Months = append(c.Months, sumViewOf(m.from.Time().Format("January 2006"), m.Sums, t.Currency))
	}
	for _, d := range days {
		c.Days = append(c.Days, sumViewOf(d.Date.Time().Format("Mon 2 Jan 2006"), d.Sums, t.Currency))
	}
	c.Busiest = busiest(days, t.Currency)
	return c
}

func sumViewOf(when string, s rehearse.Sums, currency string) sumView {
	one := sumView{When: when, Charges: s.Charges, Amount: money(s.Amount, currency)}
	if s.Sent > 0 {
		one.Outcome = count(s.Sent, "invoice") + " sent: " + money(s.SentAmount, currency)
	}
	if s.Failed > 0 {
		if one.Outcome != "" {
			one.Outcome += "; "
		}
		one.Outcome += count(s.Failed, "payment") + " failed: " + money(s.FailedAmount, currency)
	}
	return one
}

// hash lets the page's own style, and no other, pass its security policy.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

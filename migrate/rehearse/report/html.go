package report

import (
	_ "embed" // the page
	"io"
	"time"

	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/internal/page"
	"github.com/subferry/subferry/migrate/rehearse"
)

//go:embed page/page.html
var pageHTML string

// How much a page lists of failures and of differences, and of charges.
const (
	maxPageNotes = 200
	MaxCharges   = 2000
)

// Charge is an invoice of a rehearsal and the row that it belongs to, for the list of a page.
type Charge struct {
	Row     rehearse.Row
	Invoice rehearse.Invoice
}

// HTML writes one page that needs nothing else, and no script: totals, a chart of the charges by day for each currency,
// a table by month and by day, failures, differences, and the charges with customer and row, in UTC and in the zone. Of
// charges, at most MaxCharges of those given are listed.
func HTML(w io.Writer, r *rehearse.Rehearsal, charges []Charge, zone *time.Location) error {
	return page.Write(w, pageHTML, viewOf(r, charges, zone))
}

// view is what page.html shows.
type view struct {
	File, SHA256, Period, Rows, Direct, Agreement, Basis string
	MadeUp                                               bool
	Bases                                                page.Bases
	Scheduled, Invoices, Failed                          int64
	Different                                            int64
	Currencies                                           []page.Currency
	Failures, Differences                                notes
	Charges                                              page.Charges
	Style                                                page.Style
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

func viewOf(r *rehearse.Rehearsal, charges []Charge, zone *time.Location) view {
	v := view{
		File: r.File, SHA256: r.SHA256, Period: page.Moment(r.From) + " to " + page.Moment(r.Until), Rows: rowsWords(r), Direct: directWords(r), Agreement: agreement(r),
		Basis: basisWords(r), MadeUp: r.Assumptions[forecast.MadeUpAccount] > 0, Bases: page.BasesOf(r.Assumptions, r.Unknown),
		Scheduled: r.Scheduled, Invoices: r.Invoices, Different: r.Differences.Rows,
		Charges: chargesOf(r, charges, zone), Style: page.TheStyle(),
	}
	for _, t := range r.Totals {
		v.Currencies = append(v.Currencies, page.CurrencyOf(t.Currency, r.Days))
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

// chargesOf lists the charges, at most MaxCharges of them.
func chargesOf(r *rehearse.Rehearsal, charges []Charge, zone *time.Location) page.Charges {
	c := page.Charges{
		Zone: zone, Outcomes: true, All: r.Invoices, Elsewhere: "migrate plan -o csv lists every charge of every row"}
	for _, one := range charges[:min(MaxCharges, len(charges))] {
		inv := one.Invoice
		money := func(minor int64) string { return page.Money(minor, inv.Currency) }
		c.List = append(c.List, page.Charge{
			Line: one.Row.Line, Customer: one.Row.Customer, SourceID: one.Row.SourceID,
			At: inv.Created, Total: money(inv.Total), Due: money(inv.AmountDue), Outcome: statusWords(&inv), Basis: basisOfInvoice(&inv),
		})
	}
	return c
}

// basisOfInvoice says what the amounts of an invoice rest on.
func basisOfInvoice(inv *rehearse.Invoice) string {
	if inv.Forecast == nil {
		return "not in the forecast"
	}
	return page.Basis(inv.Forecast)
}

// statusWords says what has become of an invoice.
func statusWords(inv *rehearse.Invoice) string {
	switch {
	case inv.Total == 0 && inv.AmountDue == 0:
		return "nothing to pay"
	case inv.Status == "draft":
		return "draft: collected about an hour later"
	case inv.Status == "paid" && inv.AmountDue == 0:
		return "paid from the balance, or carried on it"
	case inv.Status == "paid":
		return "paid"
	case !inv.DueDate.IsBlank():
		return "sent to be paid"
	}
	return "payment failed"
}

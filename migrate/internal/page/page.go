// Package page is what the pages of a plan and of a rehearsal share: sums of charges, their chart and tables, and how
// money, counts and moments are written for people.
package page

import (
	"crypto/sha256"
	_ "embed" // the parts of a page
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
	"github.com/subferry/subferry/migrate/internal/sums"
)

var (
	//go:embed currency.html
	currencyHTML string
	//go:embed page.css
	style string
)

// Style is the style of a page, and its hash for the page's own security policy: it lets this style, and no other, pass.
type Style struct {
	CSS  template.CSS
	Hash string
}

// Write writes a page of its own text and the shared templates: "currency" shows a Currency.
func Write(w io.Writer, text string, view any) error {
	t, err := template.New("page").Funcs(template.FuncMap{"number": words.Grouped[int64]}).Parse(currencyHTML)
	if err == nil {
		t, err = t.Parse(text)
	}
	if err != nil {
		return err
	}
	return t.Execute(w, view)
}

// TheStyle returns the style that all pages have.
func TheStyle() Style {
	sum := sha256.Sum256([]byte(style))
	return Style{template.CSS(style), "sha256-" + base64.StdEncoding.EncodeToString(sum[:])}
}

// Currency is the section of a page about the charges in one currency.
type Currency struct {
	Code, Words, Busiest string
	Chart                Chart
	Sent, Failed         bool
	Both                 bool // invoice totals and amounts due differ, and both are shown
	Bases                bool // amounts are assumed or not known, and it is said of which
	Months, Days         []Line
}

// Line is a line of a table of sums.
type Line struct {
	When                      string
	Charges                   int64
	Invoiced, Amount, Outcome string
	Basis                     string // of which charges the amount is assumed or not known
}

// CurrencyOf returns the section about one currency: its days, and what they come to.
func CurrencyOf(currency string, days []sums.Day) Currency {
	days = sums.InCurrency(days, currency)
	var all sums.Sums
	for _, d := range days {
		all.Merge(d.Sums)
	}
	c := Currency{
		Code: strings.ToUpper(currency), Words: Words(all, currency), Busiest: busiest(days, currency), Chart: Draw(days, currency),
		Sent: all.Sent > 0, Failed: all.Failed > 0, Both: all.Invoiced != all.Amount,
		Bases: NotComputed(all, currency) != "",
	}
	for _, m := range sums.Months(days) {
		c.Months = append(c.Months, lineOf(m.From.Time().Format("January 2006"), m.Sums, currency))
	}
	for _, d := range days {
		c.Days = append(c.Days, lineOf(d.Date.Time().Format("Mon 2 Jan 2006"), d.Sums, currency))
	}
	return c
}

// Charges is a list of single charges on a page.
type Charges struct {
	Zone      *time.Location // of the local times
	Outcomes  bool           // each charge has an Outcome
	List      []Charge
	All       int64  // how many there are, listed or not
	Elsewhere string // where the others are found
}

// LocalTime is the heading of the local times. The zone of a machine has no name that says anything to others; each time
// has its abbreviation.
func (c Charges) LocalTime() string {
	if c.Zone == nil || c.Zone == time.Local {
		return "Local time"
	}
	return "Local time (" + c.Zone.String() + ")"
}

// Rest is how many charges are not listed.
func (c Charges) Rest() int64 { return c.All - int64(len(c.List)) }

// Charge is one charge of one row.
type Charge struct {
	Line               int64
	Customer, SourceID string
	At                 csvspec.Timestamp
	Total, Due         string
	Outcome            string // what has become of it
	Basis              string // what the amounts rest on, or why they are not known
}

// UTC writes when the charge is made.
func (c Charge) UTC() string { return Exact(c.At) }

// Local writes it in a zone.
func (c Charge) Local(zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	return c.At.Time().In(zone).Format("2006-01-02 15:04:05 MST")
}

func lineOf(when string, s sums.Sums, currency string) Line {
	one := Line{When: when, Charges: s.Charges, Amount: Money(s.Amount, currency), Invoiced: Money(s.Invoiced, currency), Basis: NotComputed(s, currency)}
	if s.Sent > 0 {
		one.Outcome = words.GroupedCount(s.Sent, "invoice") + " sent: " + Money(s.SentAmount, currency)
	}
	if s.Failed > 0 {
		if one.Outcome != "" {
			one.Outcome += "; "
		}
		one.Outcome += words.GroupedCount(s.Failed, "payment") + " failed: " + Money(s.FailedAmount, currency)
	}
	return one
}

// busiest names the day on which most is charged; "" when one day is like the other. Month ends stand out: all who pay
// on the 29th to the 31st pay on one day in a short month.
func busiest(days []sums.Day, currency string) string {
	if len(days) < 2 {
		return ""
	}
	most := days[0]
	for _, d := range days {
		if d.Amount > most.Amount {
			most = d
		}
	}
	return fmt.Sprintf("The busiest day is %s: %s in %s.", most.Date.Time().Format("Monday, 2 January 2006"), Money(most.Amount, currency), words.GroupedCount(most.Charges, "charge"))
}

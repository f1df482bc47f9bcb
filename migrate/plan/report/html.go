package report

import (
	_ "embed" // the page
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/internal/page"
	"github.com/subferry/subferry/migrate/plan"
)

//go:embed page/page.html
var pageHTML string

// MaxCharges is how many charges a page lists; the others are counted, and stand in the CSV.
const MaxCharges = 2000

// HTML collects the charges of a plan, and writes one page that needs nothing else, and no script.
type HTML struct {
	out     io.Writer
	zone    *time.Location
	charges page.Charges
}

// NewHTML returns a page whose local times are those of the zone.
func NewHTML(w io.Writer, zone *time.Location) *HTML {
	return &HTML{out: w, zone: zone, charges: page.Charges{Zone: "Local time (" + zone.String() + ")", Elsewhere: "migrate plan -o csv lists all"}}
}

// Row takes in a row.
func (h *HTML) Row(r *plan.Row) error {
	for i := range r.Charges {
		c := &r.Charges[i]
		if !isCharge(c) {
			continue
		}
		h.charges.All++
		if len(h.charges.List) < MaxCharges {
			h.charges.List = append(h.charges.List, h.charge(r, c))
		}
	}
	return nil
}

func (h *HTML) charge(r *plan.Row, c *forecast.Charge) page.Charge {
	one := page.Charge{
		Line: r.Line, Customer: r.Customer, SourceID: r.SourceID, UTC: page.Exact(c.At),
		Local: c.At.Time().In(h.zone).Format("2006-01-02 15:04:05 MST"), Total: "not known", Due: "not known", Basis: basis(c),
	}
	if c.TotalKnown() {
		one.Total = page.Money(c.Total, c.Currency)
	}
	if c.Known() {
		one.Due = page.Money(c.Due, c.Currency)
	}
	return one
}

// basis says what a charge rests on, in words.
func basis(c *forecast.Charge) string {
	var words []string
	switch c.Basis() {
	case forecast.NotKnown:
		for _, why := range c.Unknown {
			words = append(words, why.Description())
		}
		return "not known: " + strings.Join(words, "; ")
	case forecast.FromAssumption:
		for _, a := range c.Assumptions {
			words = append(words, a.Description())
		}
		return "assumed: " + strings.Join(words, "; ")
	}
	return "the account"
}

// End writes the page.
func (h *HTML) End(p *plan.Plan) error { return page.Write(h.out, pageHTML, h.view(p)) }

// view is what page.html shows.
type view struct {
	Plan        *plan.Plan
	Account     string
	Made        string
	MadeUp      bool
	Totals      []total
	Revenue     []string
	Strategies  []counted
	Assumptions []counted
	Unknown     []counted
	Currencies  []page.Currency
	Charges     page.Charges
	Style       page.Style
}

// total is a line of the table of totals.
type total struct {
	What, Charges, Invoiced, Due, Open string
}

// counted is how many rows or charges something is said of.
type counted struct {
	N    int64
	Text string
}

func (h *HTML) view(p *plan.Plan) view {
	v := view{
		Plan: p, Account: p.Account.String(), Made: page.Moment(p.Created), MadeUp: p.Options.MadeUp, Charges: h.charges, Style: page.TheStyle(),
	}
	days := daysOf(p)
	for _, t := range p.Totals {
		for _, part := range []struct {
			what string
			sum  plan.Sum
		}{{"one-off at start", t.Opening}, {"first charge", t.First}, {"renewals", t.Renewals}, {"all", t.All}} {
			if part.sum != (plan.Sum{}) {
				v.Totals = append(v.Totals, totalOf(t.Currency, part.what, part.sum))
			}
		}
		if t.All.Charges > 0 {
			v.Currencies = append(v.Currencies, page.CurrencyOf(t.Currency, days))
		}
	}
	for _, r := range p.Recurring {
		v.Revenue = append(v.Revenue, revenue(r))
	}
	for _, s := range migrate.Strategies() {
		v.Strategies = appendCounted(v.Strategies, p.Strategies[s], s.Description())
	}
	for _, a := range forecast.Assumptions() {
		v.Assumptions = appendCounted(v.Assumptions, p.Assumptions[a], a.Description())
	}
	for _, why := range forecast.Reasons() {
		v.Unknown = appendCounted(v.Unknown, p.Unknown[why], why.Description())
	}
	return v
}

func appendCounted(list []counted, n int64, text string) []counted {
	if n == 0 {
		return list
	}
	return append(list, counted{n, text})
}

func totalOf(currency, what string, s plan.Sum) total {
	t := total{
		What: strings.ToUpper(currency) + ", " + what, Charges: page.Number(s.Charges),
		Invoiced: page.Money(s.Total, currency), Due: page.Money(s.AmountDue, currency),
	}
	var open []string
	if s.PlusTax > 0 {
		open = append(open, page.Money(s.BeforeTax, currency)+" plus tax in "+page.Count(s.PlusTax, "charge"))
	}
	if s.Unknown > 0 {
		open = append(open, page.Count(s.Unknown, "charge")+" not known")
	}
	if s.Assumed > 0 {
		open = append(open, page.Count(s.Assumed, "charge")+" by assumption")
	}
	t.Open = strings.Join(open, "; ")
	return t
}

func revenue(r plan.Recurring) string {
	if r.Currency == "" {
		return page.Count(r.Unknown, "subscription") + " not known"
	}
	text := fmt.Sprintf("%s a month from %s", page.Money(r.Monthly, r.Currency), page.Count(r.Subscriptions, "subscription"))
	if r.Unknown > 0 {
		text += fmt.Sprintf(", that of %s not known", page.Number(r.Unknown))
	}
	return text
}

// daysOf returns the days on which a known amount is charged.
func daysOf(p *plan.Plan) []page.Day {
	var days []page.Day
	for _, d := range p.Days {
		at, err := time.Parse(time.DateOnly, d.Date)
		if err != nil || d.Charges == 0 {
			continue // a plan that was read has been checked; days without a known charge have no bar
		}
		days = append(days, page.Day{Date: csvspec.At(at), Currency: d.Currency, Sums: page.Sums{Charges: d.Charges, Amount: d.AmountDue, Invoiced: d.Total}})
	}
	slices.SortStableFunc(days, func(a, b page.Day) int { return int((a.Date - b.Date) / 86400) })
	return days
}

package report

import (
	_ "embed" // the page
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/internal/page"
	"github.com/subferry/subferry/migrate/internal/sums"
	"github.com/subferry/subferry/migrate/plan"
	"github.com/subferry/subferry/migrate/schedule"
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
	return &HTML{out: w, zone: zone, charges: page.Charges{Zone: zone, Elsewhere: "migrate plan -o csv lists all"}}
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
		Line: r.Line, Customer: r.Customer, SourceID: r.SourceID, At: c.At, Total: "not known", Due: "not known", Basis: page.Basis(c),
	}
	if c.TotalKnown() {
		one.Total = page.Money(c.Total, c.Currency)
	}
	if c.Known() {
		one.Due = page.Money(c.Due, c.Currency)
	}
	return one
}

// End writes the page.
func (h *HTML) End(p *plan.Plan) error { return page.Write(h.out, pageHTML, h.view(p)) }

// view is what page.html shows.
type view struct {
	Plan       *plan.Plan
	Account    string
	Made       string
	MadeUp     string // "" when no charge rests on a made-up account
	Totals     []total
	Revenue    []string
	Strategies []page.Counted
	Direct     page.Counted // rows that become direct subscriptions, and what that means
	Bases      page.Bases
	Currencies []page.Currency
	Charges    page.Charges
	Style      page.Style
}

// total is a line of the table of totals.
type total struct {
	What, Charges, Invoiced, Due, Open string
}

func (h *HTML) view(p *plan.Plan) view {
	v := view{
		Plan: p, Account: p.Account.String(), Made: page.Moment(p.Created), Charges: h.charges, Style: page.TheStyle(),
		Bases: page.BasesOf(p.Assumptions, p.Unknown), Direct: page.Counted{N: p.Direct(), Text: schedule.DirectMeaning},
	}
	if p.Assumptions[forecast.MadeUpAccount] > 0 {
		v.MadeUp = page.MadeUp
	}
	days := daysOf(p)
	for _, t := range p.Totals {
		for _, part := range []struct {
			what string
			sum  plan.Sum
		}{{t.Opening.OpeningWords(), t.Opening}, {"first charge", t.First}, {"renewals", t.Renewals}, {"all", t.All}} {
			if part.sum != (plan.Sum{}) {
				v.Totals = append(v.Totals, total{
					What: strings.ToUpper(t.Currency) + ", " + part.what, Charges: words.Grouped(part.sum.Charges),
					Invoiced: page.Money(part.sum.Total, t.Currency), Due: page.Money(part.sum.AmountDue, t.Currency),
					Open: page.NotComputed(sumsOf(part.sum), t.Currency),
				})
			}
		}
		if t.Currency != "" { // of prices that were not looked up
			v.Currencies = append(v.Currencies, page.CurrencyOf(t.Currency, days))
		}
	}
	for _, r := range p.Recurring {
		v.Revenue = append(v.Revenue, revenue(r))
	}
	for _, s := range schedule.Strategies() {
		if n := p.Strategies[s]; n > 0 {
			v.Strategies = append(v.Strategies, page.Counted{N: n, Text: s.Description()})
		}
	}
	return v
}

func revenue(r plan.Recurring) string {
	if r.Currency == "" {
		return words.GroupedCount(r.Unknown, "subscription") + " not known"
	}
	text := fmt.Sprintf("%s a month from %s", page.Money(r.Monthly, r.Currency), words.GroupedCount(r.Subscriptions, "subscription"))
	if r.Assumed > 0 {
		text += fmt.Sprintf(", that of %s by assumption", words.Grouped(r.Assumed))
	}
	if r.Unknown > 0 {
		text += fmt.Sprintf(", that of %s not known", words.Grouped(r.Unknown))
	}
	return text
}

// sumsOf returns a plan's sums as pages add them up.
func sumsOf(s plan.Sum) sums.Sums {
	return sums.Sums{
		Charges: s.Charges, Amount: s.AmountDue, Invoiced: s.Total, Assumed: s.Assumed, PlusTax: s.PlusTax, BeforeTax: s.BeforeTax, Unknown: s.Unknown,
	}
}

// daysOf returns the days on which something is charged.
func daysOf(p *plan.Plan) []sums.Day {
	var days []sums.Day
	for _, d := range p.Days {
		at, err := time.Parse(time.DateOnly, d.Date)
		if err != nil {
			continue // never of a plan that was made or read
		}
		days = append(days, sums.Day{Date: csvspec.At(at), Currency: d.Currency, Sums: sumsOf(d.Sum)})
	}
	slices.SortStableFunc(days, func(a, b sums.Day) int { return int((a.Date - b.Date) / 86400) })
	return days
}

package plan

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/schedule"
)

// WriteText writes what a reviewer signs, for people: which rows, which charges, what recurs, what is not known.
func (p *Plan) WriteText(w io.Writer) error {
	t := &text{out: tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.TabIndent)}
	p.head(t)
	p.strategies(t)
	p.totals(t)
	p.days(t)
	p.revenue(t)
	p.assumptions(t)
	p.unknown(t)
	t.line("\nDigest  %s", p.Digest)
	if t.err != nil {
		return t.err
	}
	return t.out.Flush()
}

// text writes lines in columns and keeps the first error.
type text struct {
	out *tabwriter.Writer
	err error
}

func (t *text) line(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.out, format+"\n", args...)
	}
}

func (p *Plan) head(t *text) {
	t.line("Plan of %s for %s", p.Input.Name, p.Account)
	t.line("  made\t%s, good for %d hours while no start comes too close", moment(p.Created), int(MaxAge.Hours()))
	t.line("  rows\t%d planned of %d, %d deferred (they start too soon), %d invalid", p.Rows.Planned, p.Rows.Total, p.Rows.Deferred, p.Rows.Invalid)
	if n := p.Rows.Scheduled; n > 0 {
		t.line("  \t%d left out, because they are scheduled already", n)
	}
	t.line("  customers\t%d", p.Rows.Customers)
	if !p.Rows.FirstStart.IsZero() {
		t.line("  starts\t%s to %s", moment(p.Rows.FirstStart), moment(p.Rows.LastStart))
	}
	t.line("  file\tSHA-256 %s", p.Input.SHA256)
	t.line("  amounts\t%s units, Stripe API %s", p.Options.Unit, p.APIVersion)
	if p.Assumptions[forecast.MadeUpAccount] > 0 {
		t.line("  prices\tmade up, and coupons and tax rates too: neither the amounts nor how often they are charged are the account's")
	}
}

func (p *Plan) strategies(t *text) {
	t.line("\nStrategies")
	for _, s := range schedule.Strategies() {
		if n := p.Strategies[s]; n > 0 {
			t.line("  %s\t%d\t%s", s, n, s.Description())
		}
	}
	if n := p.Direct(); n > 0 {
		t.line("  direct subscriptions\t%d\t%s", n, schedule.DirectMeaning)
	}
}

func (p *Plan) totals(t *text) {
	t.line("\nCharges: the first of each row and up to %d renewals", p.Options.Renewals)
	for _, total := range p.Totals {
		for _, part := range []struct {
			name string
			sum  Sum
		}{{total.Opening.OpeningWords(), total.Opening}, {"first", total.First}, {"renewals", total.Renewals}, {"all", total.All}} {
			if part.sum != (Sum{}) {
				t.line("  %s\t%s\t%s", strings.ToUpper(total.Currency), part.name, part.sum.in(total.Currency))
			}
		}
	}
}

func (p *Plan) days(t *text) {
	t.line("\nBy day (UTC)")
	for _, d := range p.Days {
		t.line("  %s\t%s", d.Date, d.in(d.Currency))
	}
}

// in writes a sum: 19.99 USD in 1 charge (discount 5.00, tax 1.77), 49.00 USD plus tax in 2, 3 unknown.
func (s Sum) in(currency string) string {
	money := func(minor int64) csvspec.Money { return csvspec.Money{Minor: minor, Currency: currency} }
	var parts []string
	if s.Charges > 0 {
		text := fmt.Sprintf("%s in %s%s", money(s.Total), words.Count(s.Charges, "charge"), s.details(currency))
		if s.AmountDue != s.Total {
			text = fmt.Sprintf("%s due in %s%s: %s", money(s.AmountDue), words.Count(s.Charges, "charge"), s.details(currency), s.differs(money))
		}
		if s.Assumed > 0 {
			text += fmt.Sprintf(", %d by assumption", s.Assumed)
		}
		parts = append(parts, text)
	}
	if s.PlusTax > 0 {
		parts = append(parts, fmt.Sprintf("%s plus tax in %s", money(s.BeforeTax), words.Count(s.PlusTax, "charge")))
	}
	if s.Unknown > 0 {
		parts = append(parts, words.Count(s.Unknown, "charge")+" not known")
	}
	return strings.Join(parts, "; ")
}

// differs says how what is collected follows from what the invoices come to.
func (s Sum) differs(money func(int64) csvspec.Money) string {
	switch {
	case s.Total == 0:
		return "what customers owe from before"
	case s.AmountDue > s.Total:
		return fmt.Sprintf("invoices over %s, and %s that customers owe from before", money(s.Total), money(s.AmountDue-s.Total))
	}
	return fmt.Sprintf("invoices over %s, of which %s are taken from the customers' credit or too little to be charged", money(s.Total), money(s.Total-s.AmountDue))
}

// OpeningWords says what the charges of opening invoices are for: what is sold once, or only what customers owe from before.
func (s Sum) OpeningWords() string {
	if s.Total == 0 && s.AmountDue > 0 {
		return "old debts before the first charge"
	}
	return "one-off at start"
}

func (s Sum) details(currency string) string {
	var parts []string
	for _, d := range []struct {
		name   string
		amount int64
	}{{"discounts", s.Discount}, {"tax", s.Tax}, {"tax included", s.TaxIncluded}} {
		if d.amount > 0 {
			parts = append(parts, d.name+" "+csvspec.Money{Minor: d.amount, Currency: currency}.Amount(csvspec.UnitMajor))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

func (p *Plan) revenue(t *text) {
	t.line("\nMonthly recurring revenue (without tax, a twelfth of a year's)")
	for _, r := range p.Recurring {
		if r.Currency == "" {
			t.line("  not known\t%s", words.Count(r.Unknown, "subscription"))
			continue
		}
		money := func(minor int64) csvspec.Money { return csvspec.Money{Minor: minor, Currency: r.Currency} }
		open := ""
		if r.Assumed > 0 {
			open = fmt.Sprintf(", that of %d by assumption", r.Assumed)
		}
		if r.Unknown > 0 {
			open += fmt.Sprintf(", that of %d not known", r.Unknown)
		}
		t.line("  %s\tfrom %s%s", money(r.Monthly), words.Count(r.Subscriptions, "subscription"), open)
		for _, c := range r.Cycles {
			t.line("    every %s\t%s from %s, %s a month", strings.TrimPrefix(c.Every, "1 "), money(c.Amount), words.Count(c.Subscriptions, "subscription"), money(c.Monthly))
		}
	}
}

func (p *Plan) assumptions(t *text) {
	if len(p.Assumptions) == 0 {
		return
	}
	t.line("\nAssumptions that charges rest on; all others are computed from the account")
	for _, a := range forecast.Assumptions() {
		if n := p.Assumptions[a]; n > 0 {
			description := a.Description()
			if onceForAll(a) {
				description += "; the lines of the rows do not repeat it"
			}
			t.line("  %s\t%s\t%s", a, words.Count(n, "charge"), description)
		}
	}
}

func (p *Plan) unknown(t *text) {
	if len(p.Unknown) == 0 {
		return
	}
	t.line("\nNot known before the charge")
	for _, why := range slices.SortedFunc(maps.Keys(p.Unknown), byReason) {
		t.line("  %s\t%s\t%s", why, words.Count(p.Unknown[why], "charge"), why.Description())
	}
}

func byReason(a, b forecast.Reason) int {
	all := forecast.Reasons()
	return slices.Index(all, a) - slices.Index(all, b)
}

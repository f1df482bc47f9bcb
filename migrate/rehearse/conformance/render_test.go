package conformance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/rehearse"
	"github.com/subferry/subferry/migrate/schedule"
)

func strategyNames() (names []string) {
	for _, s := range schedule.Strategies() {
		names = append(names, string(s))
	}
	return append(names, refused)
}

// refused is the Strategy of a scenario whose row becomes no schedule.
const refused = "refused"

// render writes invoices as invoices.txt has them, the oldest first. The names are those of the scenario's products.
func render(invoices []rehearse.Invoice, names map[string]string) string {
	slices.SortStableFunc(invoices, func(a, b rehearse.Invoice) int { return int(a.Created - b.Created) })
	var b strings.Builder
	for _, i := range invoices {
		fmt.Fprintf(&b, "%s %s\n", at(i.Created), status(i))
		for _, line := range renderLines(i, names) {
			fmt.Fprintf(&b, "  %s\n", line)
		}
		part(&b, "discount", i.Discount, i.Currency)
		part(&b, "tax", i.Tax, i.Currency)
		part(&b, "tax included", i.TaxIncluded, i.Currency)
		fmt.Fprintf(&b, "  total %s\n", csvspec.Money{Minor: i.Total, Currency: i.Currency})
		if i.AmountDue != i.Total {
			fmt.Fprintf(&b, "  due %s\n", csvspec.Money{Minor: i.AmountDue, Currency: i.Currency})
		}
	}
	if b.Len() == 0 {
		return "nothing\n"
	}
	return b.String()
}

func part(b *strings.Builder, what string, minor int64, currency string) {
	if minor != 0 {
		fmt.Fprintf(b, "  %s %s\n", what, csvspec.Money{Minor: minor, Currency: currency})
	}
}

// status says how an invoice stands, and until when one that is sent is to be paid.
func status(i rehearse.Invoice) string {
	switch {
	case i.Status == "open" && !i.DueDate.IsBlank():
		return "open, due " + at(i.DueDate)
	case i.Status == "open":
		return "open, payment failed"
	}
	return i.Status
}

// renderLines returns the lines in the order of the alphabet: in which order an invoice has them says nothing.
func renderLines(i rehearse.Invoice, names map[string]string) (lines []string) {
	for _, l := range i.Lines {
		name := l.Product
		if own, ok := names[name]; ok {
			name = own
		}
		span := at(l.From) + " to " + at(l.To)
		if l.OneOff {
			span = "once"
		}
		text := fmt.Sprintf("%d x %s, %s: %s", l.Quantity, name, span, csvspec.Money{Minor: l.Amount, Currency: i.Currency})
		if l.Proration {
			text += " prorated"
		}
		lines = append(lines, text)
	}
	slices.Sort(lines)
	return lines
}

func at(t csvspec.Timestamp) string { return t.Time().Format("2006-01-02 15:04:05") }

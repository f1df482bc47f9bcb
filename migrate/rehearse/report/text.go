package report

import (
	"bufio"
	"fmt"
	"io"

	"github.com/subferry/subferry/csvspec/words"
	"github.com/subferry/subferry/migrate/internal/page"
	"github.com/subferry/subferry/migrate/internal/sums"
	"github.com/subferry/subferry/migrate/rehearse"
)

// How much a terminal shows. JSON has all days, and the first failures and differences.
const (
	maxDays  = 62
	maxNotes = 20
)

// Text writes a rehearsal for people: what is charged in all, a calendar, what failed, and what is not as forecast. A
// long calendar is given by month.
func Text(w io.Writer, r *rehearse.Rehearsal) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "Rehearsal of %s, %s to %s\n", r.File, page.Moment(r.From), page.Moment(r.Until))
	fmt.Fprintf(b, "  rows       %s\n", rowsWords(r))
	if direct := directWords(r); direct != "" {
		fmt.Fprintf(b, "  direct     %s\n", direct)
	}
	fmt.Fprintf(b, "  invoices   %s made\n", words.Grouped(r.Invoices))
	for _, t := range r.Totals {
		fmt.Fprintf(b, "  charged    %s\n", page.Words(t.Sums, t.Currency))
	}
	fmt.Fprintf(b, "  amounts    %s\n", basisWords(r))
	fmt.Fprintf(b, "  forecast   %s\n", agreement(r))
	textCalendar(b, r)
	textBases(b, r)
	textFailures(b, r.Failures)
	textDifferences(b, r.Differences)
	return b.Flush()
}

func textCalendar(b *bufio.Writer, r *rehearse.Rehearsal) {
	if len(r.Days) == 0 {
		fmt.Fprintf(b, "\nNothing is charged until %s.\n", page.Moment(r.Until))
		return
	}
	if len(r.Days) <= maxDays {
		fmt.Fprintln(b, "\nCharges by day (UTC)")
		for _, d := range r.Days {
			textLine(b, page.Date(d.Date), d.Sums, d.Currency)
		}
		return
	}
	fmt.Fprintln(b, "\nCharges by month (UTC); json and html have each day")
	for _, t := range r.Totals {
		for _, m := range sums.Months(sums.InCurrency(r.Days, t.Currency)) {
			textLine(b, m.From.Time().Format("2006-01"), m.Sums, t.Currency)
		}
	}
}

func textLine(b *bufio.Writer, when string, s rehearse.Sums, currency string) {
	fmt.Fprintf(b, "  %-10s  %9s  %20s", when, words.Grouped(s.Charges), page.Money(s.Amount, currency))
	if s.Invoiced != s.Amount {
		fmt.Fprintf(b, "   (invoices %s)", page.Money(s.Invoiced, currency))
	}
	if s.Failed > 0 {
		fmt.Fprintf(b, "   %s failed", page.Money(s.FailedAmount, currency))
	}
	if basis := page.NotComputed(s, currency); basis != "" {
		fmt.Fprintf(b, "   %s", basis)
	}
	fmt.Fprintln(b)
}

// textBases lists what the amounts rest on besides the account, and why some are not known.
func textBases(b *bufio.Writer, r *rehearse.Rehearsal) {
	list := func(heading string, all []page.Counted) {
		if len(all) > 0 {
			fmt.Fprintf(b, "\n%s\n", heading)
		}
		for _, one := range all {
			fmt.Fprintf(b, "  %s: %s\n", words.GroupedCount(one.N, "charge"), one.Text)
		}
	}
	bases := page.BasesOf(r.Assumptions, r.Unknown)
	list("Assumptions that charges rest on; all others are computed from the account", bases.Assumptions)
	list("Not known before the charge; the invoices of the sandbox lack it", bases.Unknown)
}

func textFailures(b *bufio.Writer, f rehearse.Failures) {
	if len(f.Shown) == 0 {
		return
	}
	var all int64
	for _, n := range f.Counts {
		all += n
	}
	fmt.Fprintf(b, "\n%s\n", words.GroupedCount(all, "failure"))
	for _, one := range f.Shown[:min(maxNotes, len(f.Shown))] {
		fmt.Fprintf(b, "  line %d, %s: %s\n", one.Row.Line, one.Row.Customer, failureWords(one))
	}
	rest(b, all)
}

func textDifferences(b *bufio.Writer, d rehearse.Differences) {
	if len(d.Shown) == 0 {
		return
	}
	var all int64
	for _, n := range d.Counts {
		all += n
	}
	fmt.Fprintf(b, "\n%s between the forecast and the rehearsal\n", words.GroupedCount(all, "difference"))
	for _, one := range d.Shown[:min(maxNotes, len(d.Shown))] {
		fmt.Fprintf(b, "  line %d, %s (%s): %s\n", one.Row.Line, one.Row.Customer, one.Row.Strategy, differenceWords(one))
	}
	rest(b, all)
}

// rest says how many are not shown.
func rest(b *bufio.Writer, all int64) {
	if all > maxNotes {
		fmt.Fprintf(b, "  and %s more\n", words.Grouped(all-maxNotes))
	}
}

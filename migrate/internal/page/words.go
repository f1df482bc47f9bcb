package page

import (
	"fmt"
	"strings"

	"github.com/subferry/subferry/csvspec/words"

	"github.com/subferry/subferry/migrate/internal/sums"
)

// Words says what is charged, and what becomes of it.
func Words(s sums.Sums, currency string) string {
	text := Money(s.Amount, currency) + " due in " + words.GroupedCount(s.Charges, "charge")
	if s.Invoiced == s.Amount {
		text = Money(s.Amount, currency) + " in " + words.GroupedCount(s.Charges, "charge")
	} else {
		text += fmt.Sprintf(" (the invoices come to %s; the customers' balances and the smallest amounts that Stripe charges make the difference)", Money(s.Invoiced, currency))
	}
	if s.Sent > 0 {
		text += fmt.Sprintf("; of it %s sent as %s to be paid", Money(s.SentAmount, currency), words.GroupedCount(s.Sent, "invoice"))
	}
	if s.Failed > 0 {
		text += fmt.Sprintf("; %s not collected: %s", Money(s.FailedAmount, currency), words.GroupedCount(s.Failed, "failed payment"))
	}
	if basis := NotComputed(s, currency); basis != "" {
		text += "; " + basis
	}
	return text
}

// NotComputed says of how many charges the amounts are not computed from the account alone; "" when all are.
func NotComputed(s sums.Sums, currency string) string {
	var parts []string
	if s.PlusTax > 0 {
		parts = append(parts, Money(s.BeforeTax, currency)+" plus tax in "+words.GroupedCount(s.PlusTax, "charge"))
	}
	if s.Unknown > 0 {
		parts = append(parts, words.GroupedCount(s.Unknown, "charge")+" not known")
	}
	if s.Assumed > 0 {
		parts = append(parts, words.GroupedCount(s.Assumed, "charge")+" by assumption")
	}
	return strings.Join(parts, "; ")
}

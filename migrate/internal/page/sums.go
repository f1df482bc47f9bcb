package page

import (
	"fmt"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
)

// Day is what is charged on one day (UTC) in one currency.
type Day struct {
	Date     csvspec.Timestamp // the midnight at which it begins
	Currency string
	Sums
}

// Sums are charges and their amounts in minor units, by what becomes of them.
type Sums struct {
	Charges  int64
	Amount   int64 // due: what is collected
	Invoiced int64 // what the invoices come to, before the customers' balance

	Failed       int64 // charges that are not collected
	FailedAmount int64
	Sent         int64 // invoices that are sent to be paid by the customer
	SentAmount   int64

	Assumed   int64 // charges whose amount rests on assumptions
	PlusTax   int64 // charges of which only the tax is not known, in a plan; they are not among Charges
	BeforeTax int64 // what those come to without it
	Unknown   int64 // charges that are not known; in a rehearsal they are among Charges, and lack what is not known
}

// Merge adds other charges.
func (s *Sums) Merge(other Sums) {
	s.Charges += other.Charges
	s.Amount += other.Amount
	s.Invoiced += other.Invoiced
	s.Failed += other.Failed
	s.FailedAmount += other.FailedAmount
	s.Sent += other.Sent
	s.SentAmount += other.SentAmount
	s.Assumed += other.Assumed
	s.PlusTax += other.PlusTax
	s.BeforeTax += other.BeforeTax
	s.Unknown += other.Unknown
}

// Words says what is charged, and what becomes of it.
func (s Sums) Words(currency string) string {
	text := Money(s.Amount, currency) + " due in " + Count(s.Charges, "charge")
	if s.Invoiced == s.Amount {
		text = Money(s.Amount, currency) + " in " + Count(s.Charges, "charge")
	} else {
		text += fmt.Sprintf(" (the invoices come to %s; the customers' balances and the smallest amounts that Stripe charges make the difference)", Money(s.Invoiced, currency))
	}
	if s.Sent > 0 {
		text += fmt.Sprintf("; of it %s sent as %s to be paid", Money(s.SentAmount, currency), Count(s.Sent, "invoice"))
	}
	if s.Failed > 0 {
		text += fmt.Sprintf("; %s not collected: %s", Money(s.FailedAmount, currency), Count(s.Failed, "failed payment"))
	}
	if basis := s.Basis(currency); basis != "" {
		text += "; " + basis
	}
	return text
}

// Basis says of how many charges the amounts are not computed from the account alone; "" when all are.
func (s Sums) Basis(currency string) string {
	var parts []string
	if s.PlusTax > 0 {
		parts = append(parts, Money(s.BeforeTax, currency)+" plus tax in "+Count(s.PlusTax, "charge"))
	}
	if s.Unknown > 0 {
		parts = append(parts, Count(s.Unknown, "charge")+" not known")
	}
	if s.Assumed > 0 {
		parts = append(parts, Count(s.Assumed, "charge")+" by assumption")
	}
	return strings.Join(parts, "; ")
}

// Bucket is some days that are shown together.
type Bucket struct {
	From csvspec.Timestamp // midnight of the first day
	To   csvspec.Timestamp // midnight after the last one
	Sums
}

// InCurrency returns the days of one currency.
func InCurrency(days []Day, currency string) (list []Day) {
	for _, d := range days {
		if d.Currency == currency {
			list = append(list, d)
		}
	}
	return list
}

// Months adds up days by calendar month. Months without a charge are left out.
func Months(days []Day) (list []Bucket) {
	for _, d := range days {
		t := d.Date.Time()
		from := csvspec.At(time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC))
		if len(list) == 0 || list[len(list)-1].From != from {
			list = append(list, Bucket{From: from, To: csvspec.At(from.Time().AddDate(0, 1, 0))})
		}
		list[len(list)-1].Merge(d.Sums)
	}
	return list
}

// week is the seconds of a week, day those of a day.
const (
	day  = 24 * 60 * 60
	week = 7 * day
)

// evenly adds up days in buckets of one length from the first day to the last, empty ones included: an axis of time.
func evenly(days []Day, length csvspec.Timestamp) []Bucket {
	if len(days) == 0 {
		return nil
	}
	first, last := days[0].Date, days[len(days)-1].Date
	list := make([]Bucket, 0, (last-first)/length+1)
	for from := first; from <= last; from += length {
		list = append(list, Bucket{From: from, To: from + length})
	}
	for _, d := range days {
		list[(d.Date-first)/length].Merge(d.Sums)
	}
	return list
}

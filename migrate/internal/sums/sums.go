// Package sums adds up charges by day and currency, for plans and rehearsals alike.
package sums

import (
	"cmp"
	"time"

	"github.com/subferry/subferry/csvspec"
)

// Key is a day (UTC) and a currency.
type Key struct {
	Date     csvspec.Timestamp // the midnight at which it begins
	Currency string
}

// KeyOf returns the day of a moment.
func KeyOf(at csvspec.Timestamp, currency string) Key { return Key{at - at%day, currency} }

// Compare orders by date, and by currency within it.
func (k Key) Compare(other Key) int {
	return cmp.Or(cmp.Compare(k.Date, other.Date), cmp.Compare(k.Currency, other.Currency))
}

// At returns the entry of a map, which is made when it is missing.
func At[K comparable, V any](m map[K]*V, k K) *V {
	v, ok := m[k]
	if !ok {
		v = new(V)
		m[k] = v
	}
	return v
}

// Day is what is charged on one day (UTC) in one currency.
type Day struct {
	Date     csvspec.Timestamp // the midnight at which it begins
	Currency string
	Sums
}

// Total is what is charged in one currency in the whole time.
type Total struct {
	Currency string
	Sums
}

// Sums are charges and their amounts in minor units, by what becomes of them. A charge is an invoice over more than nothing,
// or one with which a debt is collected, on the day it is made; a card is charged about an hour later.
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

const day = 24 * 60 * 60 // seconds

// Evenly adds up days in buckets of one length from the first day to the last, empty ones included: an axis of time.
func Evenly(days []Day, length csvspec.Timestamp) []Bucket {
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

package rehearse

import (
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/internal/sums"
)

// Rehearsal is what came of a rehearsal. It is data; package report shows it.
type Rehearsal struct {
	File   string
	SHA256 string
	From   time.Time // when the migration took place
	Until  time.Time // how far the clock was advanced
	Review *migrate.Review
	MadeUp bool // the account was made up, so that charges rest on made-up prices, coupons and tax rates

	Scheduled int64 // rows that became a schedule or a direct subscription
	Direct    int64 // those of them that became a direct subscription, which existed from the migration on
	Refused   int64 // rows that were ready and that the sandbox refused, as Stripe would

	Invoices int64 // all that were made, those over nothing included
	Days     []Day // those on which something was charged, by date and currency
	Totals   []Total

	// Of the charges, how many rest on each assumption, and of how many the amount is not known before the charge and
	// why: the sandbox bills what it has, which is no usage and no tax that Stripe computes.
	Assumptions map[forecast.Assumption]int64
	Unknown     map[forecast.Reason]int64

	Compared    int64 // invoices whose amount was compared with the forecast
	Unforecast  int64 // invoices whose amount cannot be known beforehand: usage, or a tax that Stripe computes
	Failures    Failures
	Differences Differences
}

// Day is what is charged on one day (UTC) in one currency: Date (its midnight), Currency and Sums.
type Day = sums.Day

// Total is what is charged in one currency in the whole time: Currency and Sums.
type Total = sums.Total

// Sums are charges and their amounts in minor units, by what becomes of them: Charges and Amount (due: paid, failed, sent,
// and drafts whose hour was not over yet), Invoiced (what the invoices of those charges come to; the customers' balance
// lies between the two), Failed, Sent, and how many charges rest on assumptions or lack what nobody knows beforehand. A
// charge is an invoice over more than nothing, or one with which a debt is collected, on the day it is made.
type Sums = sums.Sums

// FailureKind says what failed.
type FailureKind string

// The kinds of failure.
const (
	RowRefused    FailureKind = "row_refused"    // the schedule could not be created
	PaymentFailed FailureKind = "payment_failed" // an invoice could not be collected
)

// Failure is one thing that went wrong with one row.
type Failure struct {
	Kind FailureKind
	Row  Row
	At   csvspec.Timestamp // when the invoice was made; blank for a row that was refused

	Money csvspec.Money // that was to be paid; for a row that was refused, nothing

	Code    string // Stripe's error code, for a row that was refused
	Message string // Stripe's message, for a row that was refused
}

// Row says which row of the file something is about.
type Row struct {
	Number   int64 // data row, from 1
	Line     int64 // line of the file, from 1
	Customer string
	SourceID string // the subscription's ID in the system it comes from, if the file says so
	Strategy string
}

// DifferenceKind says in what an invoice is not what was forecast.
type DifferenceKind string

// The kinds of difference, the gravest first.
const (
	NotForecast   DifferenceKind = "not_forecast" // an invoice that the forecast does not have
	NotMade       DifferenceKind = "not_made"     // a forecast without an invoice
	OtherMoment   DifferenceKind = "moment"
	OtherCurrency DifferenceKind = "currency"
	OtherAmount   DifferenceKind = "amount"
	OtherDue      DifferenceKind = "amount_due" // the totals agree, what is collected of them does not
	OtherDiscount DifferenceKind = "discount"   // the totals agree, their parts do not
	OtherTax      DifferenceKind = "tax"
)

// Difference is one invoice of one row that is not what was forecast.
type Difference struct {
	Kind     DifferenceKind
	Row      Row
	Forecast Amounts // zero when NotForecast
	Made     Amounts // zero when NotMade
}

// Amounts are a moment and what an invoice comes to then, in minor units.
type Amounts struct {
	At          csvspec.Timestamp
	Currency    string
	Total       int64 // without tax where the forecast leaves out the tax
	Due         int64 // what is collected
	Discount    int64
	Tax         int64 // added to the amounts
	TaxIncluded int64 // contained in them
}

// Failures are the first ones in the order of the file, at most Shown, and how many there are of each kind.
type Failures struct {
	Shown  []Failure
	Counts map[FailureKind]int64
}

// Differences are the first ones in the order of the file, at most Shown, how many there are of each kind, and in how
// many rows.
type Differences struct {
	Shown  []Difference
	Counts map[DifferenceKind]int64
	Rows   int64
}

// Shown is how many failures and how many differences a Rehearsal keeps: more than anybody reads. All are counted.
const Shown = 1000

func (f *Failures) add(one Failure) {
	f.Counts[one.Kind]++
	if len(f.Shown) < Shown {
		f.Shown = append(f.Shown, one)
	}
}

func (d *Differences) add(one Difference) {
	d.Counts[one.Kind]++
	if len(d.Shown) < Shown {
		d.Shown = append(d.Shown, one)
	}
}

package report

import (
	"encoding/json"
	"io"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/internal/page"
	"github.com/subferry/subferry/migrate/rehearse"
)

// JSON writes a rehearsal for programs, as one object. Its names are stable; amounts are in minor units of their
// currency, moments are RFC 3339 in UTC.
func JSON(w io.Writer, r *rehearse.Rehearsal) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(documentOf(r))
}

type document struct {
	File      string         `json:"file"`
	SHA256    string         `json:"sha256"`
	From      time.Time      `json:"from"`
	Until     time.Time      `json:"until"`
	Rows      int            `json:"rows"`
	Scheduled int64          `json:"scheduled"`
	Direct    int64          `json:"direct"` // of those, direct subscriptions
	Refused   int64          `json:"refused"`
	Deferred  int            `json:"deferred"`
	Invalid   int            `json:"invalid"`
	Invoices  int64          `json:"invoices"`
	MadeUp    bool           `json:"made_up_account"`
	Basis     forecast.Basis `json:"basis"` // unknown when a charge is, or else assumption when one rests on any, or else account

	Assumptions map[forecast.Assumption]int64 `json:"assumptions"` // how many charges rest on each
	Unknown     map[forecast.Reason]int64     `json:"unknown"`     // how many charges are not known beforehand, by reason

	Totals        []sumsJSON       `json:"totals"`
	Days          []sumsJSON       `json:"days"`
	Compared      int64            `json:"compared"`
	Unforecast    int64            `json:"unforecast"`
	Failed        map[string]int64 `json:"failure_counts"`
	Failures      []failure        `json:"failures"`
	Different     map[string]int64 `json:"difference_counts"`
	DifferentRows int64            `json:"rows_with_differences"`
	Differences   []difference     `json:"differences"`
}

type sumsJSON struct {
	Date         string `json:"date,omitempty"`
	Currency     string `json:"currency"`
	Charges      int64  `json:"charges"`
	Amount       int64  `json:"amount"`   // due: what is collected
	Invoiced     int64  `json:"invoiced"` // what the invoices come to, before the customers' balance
	Failed       int64  `json:"failed"`
	FailedAmount int64  `json:"failed_amount"`
	Sent         int64  `json:"sent"`
	SentAmount   int64  `json:"sent_amount"`
	Assumed      int64  `json:"assumed"` // charges that rest on assumptions
	Unknown      int64  `json:"unknown"` // charges whose amount is not fully known beforehand
}

type row struct {
	Row      int64  `json:"row"`
	Line     int64  `json:"line"`
	Customer string `json:"customer"`
	SourceID string `json:"source_id"`
	Strategy string `json:"strategy"`
}

type failure struct {
	Kind string `json:"kind"`
	row
	At       string `json:"at,omitempty"`
	Amount   int64  `json:"amount,omitempty"`
	Currency string `json:"currency,omitempty"`
	Code     string `json:"code,omitempty"`
	Message  string `json:"message,omitempty"`
}

type difference struct {
	Kind string `json:"kind"`
	row
	Forecast *amounts `json:"forecast"` // null when there is none
	Invoice  *amounts `json:"invoice"`
}

type amounts struct {
	At          string `json:"at"`
	Currency    string `json:"currency"`
	Total       int64  `json:"total"`
	Due         int64  `json:"amount_due"`
	Discount    int64  `json:"discount"`
	Tax         int64  `json:"tax"`
	TaxIncluded int64  `json:"tax_included"`
}

func documentOf(r *rehearse.Rehearsal) document {
	d := document{
		File: r.File, SHA256: r.SHA256, From: r.From.UTC(), Until: r.Until.UTC(), Rows: r.Review.Report.Rows,
		Scheduled: r.Scheduled, Direct: r.Direct, Refused: r.Refused, Deferred: r.Review.Report.Deferred, Invalid: r.Review.Report.Invalid,
		Invoices: r.Invoices, Compared: r.Compared, Unforecast: r.Unforecast,
		Totals: []sumsJSON{}, Days: []sumsJSON{}, Failures: []failure{}, Differences: []difference{},
		Failed: map[string]int64{}, Different: map[string]int64{}, DifferentRows: r.Differences.Rows,
	}
	d.MadeUp, d.Basis, d.Assumptions, d.Unknown = r.MadeUp, basisOf(r), orEmpty(r.Assumptions), orEmpty(r.Unknown)
	for _, t := range r.Totals {
		d.Totals = append(d.Totals, sumsOf("", t.Currency, t.Sums))
	}
	for _, one := range r.Days {
		d.Days = append(d.Days, sumsOf(page.Date(one.Date), one.Currency, one.Sums))
	}
	for kind, n := range r.Failures.Counts {
		d.Failed[string(kind)] = n
	}
	for _, f := range r.Failures.Shown {
		d.Failures = append(d.Failures, failure{
			string(f.Kind), rowOf(f.Row), f.At.String(), f.Money.Minor, f.Money.Currency, f.Code, f.Message,
		})
	}
	for kind, n := range r.Differences.Counts {
		d.Different[string(kind)] = n
	}
	for _, one := range r.Differences.Shown {
		d.Differences = append(d.Differences, difference{string(one.Kind), rowOf(one.Row), amountsOf(one.Forecast), amountsOf(one.Made)})
	}
	return d
}

// basisOf is the weakest of what the charges rest on.
func basisOf(r *rehearse.Rehearsal) forecast.Basis {
	switch {
	case len(r.Unknown) > 0:
		return forecast.NotKnown
	case len(r.Assumptions) > 0:
		return forecast.FromAssumption
	}
	return forecast.FromAccount
}

// orEmpty makes a map that JSON writes as {} and not as null.
func orEmpty[K ~string](counts map[K]int64) map[K]int64 {
	if counts == nil {
		return map[K]int64{}
	}
	return counts
}

func sumsOf(day, currency string, s rehearse.Sums) sumsJSON {
	return sumsJSON{day, currency, s.Charges, s.Amount, s.Invoiced, s.Failed, s.FailedAmount, s.Sent, s.SentAmount, s.Assumed, s.Unknown}
}

func rowOf(r rehearse.Row) row { return row{r.Number, r.Line, r.Customer, r.SourceID, r.Strategy} }

func amountsOf(a rehearse.Amounts) *amounts {
	if a.At == csvspec.Timestamp(0) {
		return nil
	}
	return &amounts{a.At.String(), a.Currency, a.Total, a.Due, a.Discount, a.Tax, a.TaxIncluded}
}

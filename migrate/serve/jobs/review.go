// Package jobs is the engine of the service: what its moves call for is done by jobs of River, on whichever machine has a
// worker. A job that runs twice, is rescued while alive, or is lost does not matter: the ledger is the truth about rows, and
// the store about moves.
package jobs

import (
	"time"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/plan"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
)

// Review is what a page shows of a reviewed file; it stands in store.Move.Review as JSON. Everything is counted over the whole
// file; what is listed are the first ones, and the artifacts have them all.
type Review struct {
	At       time.Time       `json:"at"` // rows were judged as of this moment
	Account  migrate.Account `json:"account"`
	File     string          `json:"file"`
	SHA256   string          `json:"sha256"`
	Template string          `json:"template"`
	MadeUp   bool            `json:"made_up_account,omitempty"` // the embedded sandbox's account was made up from the file

	Rows      int64 `json:"rows"`
	Ready     int64 `json:"ready"`    // a run would schedule them
	Deferred  int64 `json:"deferred"` // right, but they start too soon
	Invalid   int64 `json:"invalid"`
	Scheduled int64 `json:"scheduled_already"` // they are left out, or refused, see Options
	Customers int64 `json:"customers"`

	CustomersChecked bool `json:"customers_checked"` // false: that a customer does not exist shows only when Stripe refuses the row

	// Refused says why a start would be refused as things are, with what to do about it; "" is that nothing stands in its way.
	// RefusedCode tells programs: invalid_rows, invalid_file, none_ready, already_migrated, already_scheduled, started_before,
	// unit_unstated, other_options, being_canceled, other.
	Refused     string `json:"refused,omitempty"`
	RefusedCode string `json:"refused_code,omitempty"`

	Errors   int64              `json:"errors"` // findings, not rows
	Warnings int64              `json:"warnings"`
	Notes    int64              `json:"notes"`
	Codes    []CodeCount        `json:"codes"`          // the most severe and most frequent first
	Findings []validate.Finding `json:"findings"`       // the first ones of each severity, errors first, at most MaxListed
	Mend     validate.Mend      `json:"mend,omitempty"` // the strongest of what mends a finding; "" is nothing

	FirstStart time.Time `json:"first_start,omitzero"` // of the ready rows
	LastStart  time.Time `json:"last_start,omitzero"`

	Strategies []StrategyCount `json:"strategies"` // how the ready rows start, and what their customers see
	Direct     int64           `json:"direct"`     // of the ready rows, those that become direct subscriptions, which exist at once

	AmountUnit  string      `json:"amount_unit"` // unstated, minor or major
	Amounts     bool        `json:"amounts"`     // the file states amounts
	FirstAmount *ReadAmount `json:"first_amount,omitempty"`

	// The plan's figures, of the ready rows; absent when nothing is ready.
	Totals      []plan.Total                  `json:"totals,omitempty"` // by currency
	Days        []plan.Day                    `json:"days,omitempty"`   // the calendar: what is charged, by day in UTC and by currency
	Recurring   []plan.Recurring              `json:"recurring,omitempty"`
	Unknown     map[forecast.Reason]int64     `json:"unknown,omitempty"`     // how many charges are not known, by reason
	Assumptions map[forecast.Assumption]int64 `json:"assumptions,omitempty"` // how many rest on each
	PlanDigest  string                        `json:"plan_digest,omitempty"` // what a reviewer signs
	PlanFailed  string                        `json:"plan_failed,omitempty"` // why there is no plan although rows are ready

	Continues      string `json:"continues,omitempty"` // the ledger's migration that a start goes on with
	SearchRequests int64  `json:"search_requests,omitempty"`
}

// MaxListed is how many findings a Review lists.
const MaxListed = 200

// CodeCount is how often something was found.
type CodeCount struct {
	Code     string            `json:"code"`
	Severity validate.Severity `json:"severity"`
	Title    string            `json:"title"`
	Count    int64             `json:"count"`
}

// StrategyCount is how many rows start in one way.
type StrategyCount struct {
	Strategy    schedule.Strategy `json:"strategy"`
	Description string            `json:"description"`
	Rows        int64             `json:"rows"`
}

// ReadAmount is an amount of the file and how it is understood.
type ReadAmount struct {
	Text     string `json:"text"` // as the cell states it
	Line     int    `json:"line"`
	Amount   int64  `json:"amount"` // in minor units
	Currency string `json:"currency"`
}

// The artifacts of a review; those of acts are beside Engine.Act's kinds, and CanceledJSON is that of a cancel.
const (
	FindingsJSON   = "findings.json"
	FindingsNDJSON = "findings.ndjson" // a finding a line, to be paged and filtered; the report comes last
	FindingsHTML   = "findings.html"
	FindingsSARIF  = "findings.sarif"
	FindingsXLSX   = "findings.xlsx" // the file as a workbook, its faulty cells marked
	FindingsCSV    = "findings.csv"  // the file with a column of errors
	ReadyCSV       = "ready.csv"
	DeferredCSV    = "deferred.csv"
	ErrorsCSV      = "errors.csv"
	MendedCSV      = "mended.csv" // the file with everything mended that has one meaning only; absent when nothing was
	MendedJSON     = "mended.json"
	PlanJSON       = "plan.json"
	PlanHTML       = "plan.html"
	PlanRows       = "plan.ndjson" // a plan.Row a line
	ChargesCSV     = "charges.csv"
)

package cli

import (
	"fmt"

	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/verify"
)

// verifyOutcome is what came of a verification: what JSON mode prints.
type verifyOutcome struct {
	*verify.Result
	Receipts []string   `json:"receipts"` // the files that were written
	Error    *errorJSON `json:"error,omitempty"`
}

// printVerified prints what was found, and returns why it is not all well.
func (s *session) printVerified(m ledger.Migration, r *verify.Result, f verifyFlags) error {
	var failure error
	files := f.files(m.ID)
	if !r.Clean() {
		files = nil
		failure = &differencesError{fmt.Sprintf("%s of %d differ from what was asked for: see each, and mend it in Stripe or in the file before anything is stopped in the old account",
			plural(r.Different, "row"), r.Rows)}
	}
	switch s.output {
	case formatJSON:
		return joined(asPrinted(failure), s.printJSON(verifyOutcome{r, orEmpty(files), s.errorJSON(failure)}))
	case formatCSV:
		return joined(asPrinted(failure), r.WriteDifferences(s.stdout()))
	}
	s.print("migration   %s\naccount     %s\n", r.Migration, r.Account)
	if r.SourceAccount != "" {
		s.print("source      %s\n", r.SourceAccount)
	}
	s.print("verified    %d of %s\ndifferent   %d\n", r.Verified, plural(r.Rows, "row"), r.Different)
	for _, c := range []count{
		{"canceled", r.Canceled, " (not compared: canceled by this program, or somebody else)"},
		{"not begun", r.NotBegun, " (rows of the file that were left out, held back or not run yet)"},
		{"no source", r.NoSource, " (compared with the file only: they name no source subscription)"},
	} {
		if c.n > 0 {
			s.print("%-11s %d%s\n", c.name, c.n, c.note)
		}
	}
	s.print("requests    %d\n", r.Requests)
	s.showDifferences(r, f.limit)
	s.showPreviews(r)
	for _, one := range r.Repairs {
		if one.Done {
			s.print("line %d: the coupon %s is there again\n", one.Line, one.Coupon)
		} else if one.Error != "" {
			s.print("line %d: the coupon %s was not given back: %s\n", one.Line, one.Coupon, one.Error)
		}
	}
	if !r.Clean() {
		s.say("No receipt: there is one when nothing differs. Every difference as a table: %s", s.sameCommand("-o", "csv"))
		return asPrinted(failure)
	}
	s.print("sha256      %s\n", r.SHA256)
	for _, name := range files {
		s.print("receipt     %s\n", name)
	}
	return nil
}

// showDifferences prints the first differences, one paragraph each.
func (s *session) showDifferences(r *verify.Result, limit int) {
	for i, d := range r.Differences {
		if limit > 0 && i == limit {
			s.print("... and %s more\n", plural(len(r.Differences)-limit, "difference"))
			return
		}
		s.print("line %d (row %d), %s, %s:\n  %s\n  (%s: %s, and not %s)\n", d.Line, d.Row, d.Customer, where(d), d.Sentence, d.Field, orNothing(d.Found), orNothing(d.Expected))
	}
}

// where names what a difference was found in.
func where(d verify.Difference) string {
	switch {
	case d.Side == verify.Source:
		return "source " + d.SourceID
	case d.Side == verify.Upcoming:
		return "next invoice"
	case d.SubscriptionID != "":
		return d.SubscriptionID
	}
	return d.ScheduleID
}

func orNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}

// showPreviews prints what Stripe says of the next invoices.
func (s *session) showPreviews(r *verify.Result) {
	agree, noted := 0, 0
	for _, p := range r.Preview {
		if p.Agrees {
			agree++
		}
		if p.Note != "" {
			if noted++; noted <= shownFailures {
				s.print("line %d: the next invoice is compared in part: %s\n", p.Line, p.Note)
			}
		}
	}
	if len(r.Preview) > 0 {
		s.print("previewed   %d of %s as forecast\n", agree, plural(len(r.Preview), "next invoice"))
	}
}

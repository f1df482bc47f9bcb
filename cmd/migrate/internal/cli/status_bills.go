package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate/cutover"
	"github.com/subferry/subferry/migrate/ledger"
)

// billsFlags are the flags of migrate status --who-bills.
type billsFlags struct {
	ask     bool
	apiBase string
	source  sourceFlags
	limit   int
}

func (f *billsFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.ask, "who-bills", false, "ask both accounts which of them charges each row next")
	flags.StringVar(&f.apiBase, "api-base", "", "with --who-bills: work with the server at `URL`, which speaks Stripe's API (https, or http on this machine)")
	flags.StringVar(&f.source.apiBase, "source-api-base", "", "with --who-bills: the source account is at the server at `URL`")
	flags.IntVar(&f.limit, "limit", 20, "with --who-bills: show at most `N` rows as text (0 shows all)")
}

func (f *billsFlags) check(a *app, watch bool) error {
	switch {
	case f.ask && watch:
		return &usageError{"--watch watches the ledger, and --who-bills asks Stripe: say one of them"}
	case !f.ask && a.output == formatCSV:
		return &usageError{"-o csv goes with --who-bills; migrate report -o csv lists every row of the ledger"}
	case !f.ask && (f.apiBase != "" || f.source.apiBase != ""):
		return &usageError{"--api-base and --source-api-base go with --who-bills: without it nothing is asked of Stripe"}
	}
	return nil
}

// session returns the flags of a session with the same accounts.
func (f *billsFlags) session(l ledgerFlags) sessionFlags {
	return sessionFlags{mode: modeFlags{sandbox: l.sandbox, live: l.live, apiBase: f.apiBase}, state: l.state, now: l.now}
}

// billsOutcome is who bills: what JSON mode prints.
type billsOutcome struct {
	*cutover.Bills
	Noted []notedChange `json:"noted,omitempty"`
	Error *errorJSON    `json:"error,omitempty"`
}

// notedChange is what a webhook has told of a row's source subscription.
type notedChange struct {
	Row      int64  `json:"row"`
	Line     int64  `json:"line"`
	SourceID string `json:"source_id"`
	Kind     string `json:"kind"`
	At       string `json:"at"` // when it happened
	Event    string `json:"event"`
	Sentence string `json:"sentence"`
}

// whoBills asks both accounts and shows who charges each row next.
func (s *session) whoBills(ctx context.Context, m ledger.Migration, f billsFlags) error {
	source, err := s.openSourceAccount(ctx, m, f.source)
	if err != nil {
		return err
	}
	c, err := s.newCutover(source, cutoverFlags{})
	if err != nil {
		return err
	}
	b, err := func() (*cutover.Bills, error) {
		ctx, release := s.abortable(ctx)
		defer release()
		return c.WhoBills(ctx, m.ID)
	}()
	if err != nil {
		return err
	}
	noted, err := s.noted(ctx, s.flags.state, m)
	if err != nil {
		return err
	}
	var failure error
	if b.Alarms > 0 {
		failure = &differencesError{fmt.Sprintf("%s would be charged by both accounts, or by none: act before the moments given", plural(b.Alarms, "row"))}
	}
	switch s.output {
	case formatJSON:
		return joined(asPrinted(failure), s.printJSON(billsOutcome{b, noted, s.errorJSON(failure)}))
	case formatCSV:
		return joined(asPrinted(failure), b.WriteCSV(s.stdout()))
	}
	s.print("migration   %s\nas of       %s\n", b.ID, b.At)
	for _, who := range cutover.Whos() {
		note := map[cutover.Who]string{
			cutover.BySource: "charged by the source account", cutover.ByDestination: "charged by the new account",
			cutover.ByBoth: "charged by both, now or within a day", cutover.ByNobody: "charged by nobody",
			cutover.ByNone: "at an end, as the row says", cutover.ByUnknown: "not known",
		}[who]
		if who.Alarm() && b.Counts[who] > 0 {
			note += "  ALARM"
		}
		s.print("%-11s %d  %s\n", who, b.Counts[who], note)
	}
	if b.ToCutOver > 0 {
		s.print("to cut over %d of the source's: from %s on, both would charge\n", b.ToCutOver, b.FirstBoth)
	}
	s.showBillings(b, f.limit)
	for i, n := range noted {
		if f.limit > 0 && i == f.limit {
			s.print("… and %d more that webhooks have told; --limit 0 shows all\n", len(noted)-i)
			break
		}
		s.print("line %d (row %d), %s: %s\n  %s\n", n.Line, n.Row, n.SourceID, n.Kind, n.Sentence)
	}
	if b.Counts[cutover.ByUnknown] > 0 && source == nil {
		s.say("The source account was not asked: set %s or %s to a key of it (reading suffices).", sourceKeyVariable, sourceKeyFileVariable)
	}
	return asPrinted(failure)
}

// showBillings shows the alarms.
func (s *session) showBillings(b *cutover.Bills, limit int) {
	shown := 0
	for _, one := range b.List {
		if !one.Who.Alarm() {
			continue
		}
		if limit > 0 && shown == limit {
			s.print("… and more; --limit 0 shows all\n")
			return
		}
		shown++
		s.print("line %d (row %d), %s: %s\n  %s\n", one.Line, one.Row, one.Customer, one.Who, one.Sentence)
	}
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
)

// statusCommand shows how a migration stands.
func (a *app) statusCommand() *cobra.Command {
	var f ledgerFlags
	var watch bool
	var bills billsFlags
	cmd := &cobra.Command{
		Use:   "status ID",
		Short: "Show how a migration stands, and until when it can be canceled",
		Long: `Shows the counts of a migration by state, its first start and the end of the window in which it can be canceled.
It reads the ledger: no key is needed and nothing is asked of Stripe.

--who-bills asks both accounts, and answers for every row which of them charges next: source, destination, both or nobody
(alarms, with exit code 6), ended (as the row says) or unknown. Without a key of the source account
(STRIPE_SOURCE_API_KEY or STRIPE_SOURCE_API_KEY_FILE) the answer is unknown.`,
		Example: `  migrate status mig_…
  migrate status --watch mig_…      until the run has ended, one way or the other
  migrate status --who-bills mig_…  who charges each row next: source, destination, both, nobody
  migrate status -o json mig_… | jq .scheduled`,
		Args: oneArgument("ID"), ValidArgsFunction: a.completeIDs(&f.state),
		RunE: a.asRunE(func(ctx context.Context, args []string) error {
			if err := bills.check(a, watch); err != nil {
				return err
			}
			return a.withLedger(ctx, f.state, func(store ledger.Ledger, dir string) error {
				if bills.ask {
					return a.withMigration(ctx, args[0], bills.session(f), store, dir, func(s *session, m ledger.Migration) error { return s.whoBills(ctx, m, bills) })
				}
				return a.status(ctx, store, args[0], f, watch)
			})
		}),
	}
	a.outputFlag(cmd, formatText, formatJSON, formatCSV)
	f.add(cmd)
	bills.add(cmd)
	cmd.Flags().BoolVar(&watch, "watch", false, "show every change until nothing is under way any more (as JSON: one object a line)")
	return cmd
}

func (a *app) status(ctx context.Context, store ledger.Ledger, id string, f ledgerFlags, watch bool) error {
	now := a.clock(f.now).Now
	s, err := a.summary(ctx, store, id, f, now())
	switch {
	case err != nil:
		return err
	case watch:
		return a.watch(ctx, store, s, f, now)
	case !a.textMode():
		return a.printJSON(s)
	}
	a.showStanding(store, s, f, now())
	return nil
}

// summary reads how a migration stands.
func (a *app) summary(ctx context.Context, store ledger.Ledger, id string, f ledgerFlags, now time.Time) (*migrate.Summary, error) {
	s, err := migrate.Status(ctx, store, id, now)
	if err != nil {
		return nil, a.unknownID(err, f.state)
	}
	s.Failures = orEmpty(s.Failures)
	return s, f.allows(s)
}

// showStanding prints a summary and the next command.
func (a *app) showStanding(store ledger.Ledger, s *migrate.Summary, f ledgerFlags, now time.Time) {
	words, busy := statusWords(s.Status), underWay(s) && atWork(store, s.ID)
	if busy {
		words = "in progress"
		if s.Status == string(ledger.StatusCanceling) {
			words = "being canceled"
		}
	}
	a.showCounts(s, words)
	if text := windowLeft(s, now); text != "" {
		a.print("window      %s\n", text)
	}
	a.showFailures(s.Failures)
	if s.Status == string(ledger.StatusScheduled) && !busy {
		a.say("To see every row: %s", a.commandLine(f.state, "report", s.ID))
	}
	a.nextOf(s, f, now, busy)
}

// nextOf suggests the commands that can follow on a migration.
func (a *app) nextOf(s *migrate.Summary, f ledgerFlags, now time.Time, busy bool) {
	switch status := ledger.Status(s.Status); {
	case busy:
		a.say("Next: %s", a.commandLine(f.state, append([]string{"status", "--watch", s.ID}, nowWords(f.now)...)...))
	case status == ledger.StatusCanceled && s.Scheduled > 0:
		a.say("What was live when it was canceled goes on charging. To end that too, without a refund: %s",
			a.commandFor(f, s, now, "cancel", "--include-live"))
	case status == ledger.StatusCanceled:
		a.say("Nothing of it goes on: a corrected file can be run.")
	case status == ledger.StatusCanceling:
		a.say("To go on: %s", a.commandFor(f, s, now, "cancel"))
	default:
		if status == ledger.StatusInProgress || s.Failed > 0 {
			a.say("To schedule the rest: %s", a.commandFor(f, s, now, "resume"))
		}
		a.say("Undo: %s", a.commandFor(f, s, now, "cancel"))
	}
}

// unknownID adds to the error of an unknown migration ID the command that lists the known ones.
func (a *app) unknownID(err error, f stateFlag) error {
	if name := a.ledgerName(); name != "" && errors.Is(err, ledger.ErrNotFound) {
		err = fmt.Errorf("%w in the ledger %s", err, name)
	}
	all := []suggestion{{"see those there are", a.commandLine(f, "list")}}
	for _, word := range a.env.Args {
		if strings.HasPrefix(word, "use_") {
			all = append(all, suggestion{"see how a run of usage stands", a.commandLine(f, "usage", "status", word)})
		}
	}
	return &withSuggestions{err, all}
}

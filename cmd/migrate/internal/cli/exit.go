package cli

import (
	"context"
	"errors"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/xlsx"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/cutover"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/plan"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/usage"
	"github.com/subferry/subferry/validate/convert"
	"github.com/subferry/subferry/validate/mend"
)

// The exit codes. Scripts rely on them: they never change their meaning.
const (
	ExitDone        = 0
	ExitFailure     = 1
	ExitUsage       = 2   // the command line was not understood
	ExitInvalid     = 3   // the file has errors
	ExitRefused     = 4   // refused for safety
	ExitPartly      = 5   // partly done, resumable
	ExitDifferent   = 6   // what was found is not what was expected
	ExitInterrupted = 130 // as shells report a SIGINT
)

// refusal is the error of a command that was refused for safety; the text says what to do instead.
type refusal struct{ code, text string }

func (r *refusal) Error() string { return r.text }

// usageError is the error of a command line that was not understood.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

// invalidFile is the error of a file that must be corrected first.
type invalidFile struct{ text string }

func (e *invalidFile) Error() string { return e.text }

// partlyDone is the error of a command that ended before it was through; the same command goes on with it.
type partlyDone struct{ error }

func (p *partlyDone) Unwrap() error { return p.error }

// rowsFailed is the error of a run, a cancel or a release in which Stripe refused some rows.
type rowsFailed struct{ text string }

func (e *rowsFailed) Error() string { return e.text }

// class is a kind of error: its code in JSON, and its exit code.
type class struct {
	code string
	exit int
	is   func(error) bool
}

// classes tells errors apart; the first that fits counts. What fits none is a failure. Scripts rely on the codes:
// entries are added and never changed.
var classes = [...]class{
	{"usage", ExitUsage, as[*usageError]},
	{"interrupted", ExitPartly, equals(migrate.ErrInterrupted)},
	{"interrupted", ExitPartly, equals(context.Canceled)},
	{"plan_file_edited", ExitRefused, as[*plan.EditedError]},
	{"plan_other_account", ExitRefused, as[*plan.OtherAccountError]},
	{"plan_other_mode", ExitRefused, as[*plan.OtherModeError]},
	{"plan_other_api", ExitRefused, as[*plan.OtherAPIError]},
	{"plan_edited", ExitRefused, equals(plan.ErrPlanEdited)},
	{"plan_damaged", ExitRefused, equals(plan.ErrPlanDamaged)},
	{"plan_from_the_future", ExitRefused, as[*plan.FutureError]},
	{"plan_too_old", ExitRefused, as[*plan.TooOldError]},
	{"plan_start_too_close", ExitRefused, as[*plan.TooCloseError]},
	{"plan_account_changed", ExitRefused, as[*plan.FactsChangedError]}, // before invalid_file, which it may contain
	{"plan_version", ExitRefused, as[*plan.VersionError]},
	{"review_too_old", ExitRefused, as[*migrate.StaleReviewError]},
	{"invalid_file", ExitInvalid, as[*migrate.InvalidFileError]},
	{"invalid_file", ExitInvalid, as[*invalidFile]},
	{"not_a_table", ExitInvalid, as[*csvspec.ForeignError]},
	{"sheet_unclear", ExitInvalid, as[*xlsx.SheetError]},
	{"convert_incomplete", ExitInvalid, as[*convert.NeedsError]},
	{"no_stripe_export", ExitInvalid, equals(convert.ErrNoExport)},
	{"no_stripe_export", ExitInvalid, equals(convert.ErrNoID)},
	{"stripe_export", ExitInvalid, equals(mend.ErrStripeExport)},
	{"already_migrated", ExitRefused, as[*migrate.AlreadyMigratedError]},
	{"already_scheduled", ExitRefused, as[*migrate.AlreadyScheduledError]},
	{"window_closed", ExitRefused, as[*migrate.WindowClosedError]},
	{"wrong_account", ExitRefused, as[*migrate.WrongAccountError]},
	{"wrong_account", ExitRefused, as[*migrate.UnexpectedAccountError]},
	{"wrong_account", ExitRefused, as[*cutover.WrongSourceError]},
	{"source_stopped", ExitRefused, as[*migrate.SourceStoppedError]},
	{"other_options", ExitRefused, as[*migrate.OtherOptionsError]},
	{"amount_unit_unstated", ExitRefused, as[*migrate.UnitUnstatedError]},
	{"being_canceled", ExitRefused, as[*migrate.BeingCanceledError]},
	{"file_changed", ExitRefused, equals(migrate.ErrChanged)},
	{"locked", ExitRefused, equals(ledger.ErrLocked)},
	{"locked", ExitRefused, equals(sandbox.ErrInUse)},
	{"lock_lost", ExitPartly, equals(ledger.ErrLost)},
	{"api_base", ExitRefused, as[*gateway.BaseURLError]},
	{"key", ExitRefused, equals(gateway.ErrNoKey)},
	{"key", ExitRefused, equals(gateway.ErrPublishableKey)},
	{"key", ExitRefused, equals(gateway.ErrMalformedKey)},
	{"invalid_file", ExitInvalid, as[*usage.InvalidError]},
	{"stream_live_only", ExitRefused, equals(usage.ErrStream)},
	{"wrong_account", ExitRefused, as[*usage.WrongAccountError]},
	{"other_options", ExitRefused, as[*usage.OtherOptionsError]},
	{"window_closed", ExitRefused, as[*usage.TooLateError]},
	{"unsettled", ExitPartly, as[*usage.UnsettledError]},
	{"rows_failed", ExitPartly, as[*usage.RefusedError]},
	{"not_found", ExitFailure, as[*usage.NoSuchEventError]},
	{"too_many_failures", ExitPartly, as[*migrate.TooManyFailuresError]},
	{"unsettled", ExitPartly, as[*migrate.UnsettledError]},
	{"unsettled", ExitPartly, as[*cutover.UnsettledError]},
	{"rows_failed", ExitPartly, as[*rowsFailed]},
	{"differences", ExitDifferent, as[*differencesError]},
	{"not_found", ExitFailure, equals(ledger.ErrNotFound)},
	{"not_found", ExitFailure, as[*migrate.NoSuchRowsError]},
	{"ledger_damaged", ExitFailure, equals(ledger.ErrDamaged)},
	{"ledger_newer", ExitFailure, equals(ledger.ErrNewer)},
	{"partly_done", ExitPartly, as[*partlyDone]},
	{"stripe", ExitFailure, as[*migrate.StripeError]},
}

func as[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

func equals(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

// classify returns the code and the exit code of an error.
func (a *app) classify(err error) (code string, exit int) {
	var refused *refusal
	if errors.As(err, &refused) {
		return refused.code, ExitRefused
	}
	var command *commandFailed
	if errors.As(err, &command) {
		if command.exit > 0 {
			return "command_failed", command.exit
		}
		return "command_failed", ExitFailure
	}
	for _, c := range classes {
		if !c.is(err) {
			continue
		}
		if c.code == "interrupted" && a.signaled.Load() {
			return c.code, ExitInterrupted
		}
		return c.code, c.exit
	}
	if !a.started {
		return "usage", ExitUsage
	}
	return "failure", ExitFailure
}

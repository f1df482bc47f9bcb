package cli

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/validate"
)

func TestExitCodes(t *testing.T) {
	for _, c := range []struct {
		err  error
		code string
		exit int
	}{
		{errors.New("disk on fire"), "failure", ExitFailure},
		{&usageError{"x"}, "usage", ExitUsage},
		{&migrate.InvalidFileError{Report: &validate.Report{}}, "invalid_file", ExitInvalid},
		{&invalidFile{"x"}, "invalid_file", ExitInvalid},
		{&migrate.AlreadyMigratedError{}, "already_migrated", ExitRefused},
		{&migrate.WindowClosedError{}, "window_closed", ExitRefused},
		{&migrate.WrongAccountError{}, "wrong_account", ExitRefused},
		{&migrate.OtherOptionsError{}, "other_options", ExitRefused},
		{&migrate.UnitUnstatedError{}, "amount_unit_unstated", ExitRefused},
		{&migrate.BeingCanceledError{}, "being_canceled", ExitRefused},
		{migrate.ErrChanged, "file_changed", ExitRefused},
		{ledger.ErrLocked, "locked", ExitRefused},
		{sandbox.ErrInUse, "locked", ExitRefused},
		{&gateway.BaseURLError{}, "api_base", ExitRefused},
		{gateway.ErrPublishableKey, "key", ExitRefused},
		{&refusal{code: "two_keys"}, "two_keys", ExitRefused},
		{&migrate.TooManyFailuresError{}, "too_many_failures", ExitPartly},
		{&migrate.UnsettledError{}, "unsettled", ExitPartly},
		{&rowsFailed{"x"}, "rows_failed", ExitPartly},
		{&partlyDone{errors.New("x")}, "partly_done", ExitPartly},
		{&partlyDone{&migrate.StripeError{}}, "partly_done", ExitPartly},
		{&partlyDone{migrate.ErrInterrupted}, "interrupted", ExitPartly},
		{&migrate.StripeError{Err: context.Canceled}, "interrupted", ExitPartly},
		{&migrate.StripeError{Status: 401}, "stripe", ExitFailure},
		{ledger.ErrNotFound, "not_found", ExitFailure},
		{ledger.ErrDamaged, "ledger_damaged", ExitFailure},
		{ledger.ErrNewer, "ledger_newer", ExitFailure},
	} {
		a := &app{started: true}
		code, exit := a.classify(&alreadyPrinted{fmt.Errorf("while working: %w", c.err)})
		require.Equal(t, c.code, code, "%T", c.err)
		require.Equal(t, c.exit, exit, "%T", c.err)
	}
	asked := &app{started: true}
	asked.signaled.Store(true)
	_, exit := asked.classify(migrate.ErrInterrupted)
	require.Equal(t, ExitInterrupted, exit)
	_, exit = (&app{}).classify(errors.New("unknown command"))
	require.Equal(t, ExitUsage, exit)
}

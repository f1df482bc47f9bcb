package migrate_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
)

// Running a file again and canceling that leaves the first migration where it is: the file is still refused.
func TestCancelingTheSecondMigrationDoesNotForgetTheFirst(t *testing.T) {
	w, first := migrated(t)
	second, err := w.process(&crashtest.Crash{}).runWith(wantedAgain(), migrate.RunOptions{})
	require.NoError(t, err)
	_, err = w.process(&crashtest.Crash{}).Cancel(context.Background(), second.ID, migrate.CancelOptions{})
	require.NoError(t, err)

	_, err = w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	var already *migrate.AlreadyMigratedError
	require.ErrorAs(t, err, &already)
	require.Equal(t, first, already.ID)
	_, byStatus := w.schedules("")
	require.Equal(t, mixedRows, byStatus[migrate.StatusNotStarted])
}

// A migration that is canceled between the review of its file and the run stays canceled.
func TestAMigrationCanceledAfterTheReviewIsNotRevived(t *testing.T) {
	w := newTestEnv(t, mixed())
	canary, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{Canary: 3})
	require.NoError(t, err)
	p, ctx := w.process(&crashtest.Crash{}), context.Background()
	review, err := p.Review(ctx, w.input, options)
	require.NoError(t, err)
	_, err = w.process(&crashtest.Crash{}).Cancel(ctx, canary.ID, migrate.CancelOptions{})
	require.NoError(t, err)

	_, err = p.Run(ctx, review, migrate.RunOptions{})
	var canceled *migrate.BeingCanceledError
	require.ErrorAs(t, err, &canceled)
	require.Equal(t, &migrate.BeingCanceledError{ID: canary.ID, Finished: true}, canceled)
	w.nothingLeft(canary.ID)
}

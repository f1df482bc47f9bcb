package migrate

import (
	"errors"
	"fmt"
	"time"

	"github.com/subferry/subferry/migrate/internal/workers"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/account"
)

// ErrInterrupted is returned by a run or a cancel that was asked to stop, or whose context ended. Everything that was
// begun is in the ledger; the same call goes on where it ended.
var ErrInterrupted = workers.ErrInterrupted

// ErrChanged is returned when the file is not the one that was reviewed.
var ErrChanged = errors.New("the file has changed since it was reviewed")

// StaleReviewError is a review that is too old to act on.
type StaleReviewError struct {
	File string
	At   time.Time
}

// Error says when the review was.
func (e *StaleReviewError) Error() string {
	return fmt.Sprintf("%s was reviewed at %s, too long ago: rows may have come too close to their start; review it again",
		e.File, e.At.UTC().Format("2 Jan 2006 15:04 MST"))
}

// InvalidFileError is a file with errors, and what a review has found out about it. Nothing was created.
type InvalidFileError struct {
	Report      *validate.Report   // of the whole file, with the findings that concern it as a whole
	Findings    []validate.Finding // of rows, the first ones
	Account     Account            // zero when the file alone shows the errors, so that nothing was asked
	AccountData *account.Account   // nil likewise
}

// Error tells how many rows are wrong, or that the file as a whole is.
func (e *InvalidFileError) Error() string {
	if e.Report.Invalid == 0 {
		return fmt.Sprintf("%s: the file as a whole has errors, for every row alike; nothing was sent to Stripe", e.Report.File)
	}
	return fmt.Sprintf("%s: %d of %d rows have errors; nothing was sent to Stripe", e.Report.File, e.Report.Invalid, e.Report.Rows)
}

// AlreadyMigratedError is a file that this account has had before.
type AlreadyMigratedError struct {
	ID   string
	File string
	At   time.Time
}

// Error names the earlier migration and the ways out.
func (e *AlreadyMigratedError) Error() string {
	return fmt.Sprintf("%s was migrated into this account on %s as %s; running it again would create every subscription "+
		"a second time", e.File, e.At.UTC().Format("2 Jan 2006 15:04 MST"), e.ID)
}

// UnitUnstatedError is a live run of a file with amounts whose unit nobody has stated.
type UnitUnstatedError struct{ File string }

// Error says what to state.
func (e *UnitUnstatedError) Error() string {
	return fmt.Sprintf("%s states amounts, and Stripe's documentation exists in two wordings that differ by a factor of 100: "+
		"say whether they are minor units (1999 is 19.99 USD) or major units (19.99 is 19.99 USD)", e.File)
}

// OtherOptionsError is an unfinished migration that was begun with other options.
type OtherOptionsError struct {
	ID          string
	Began, Asks Options
}

// Error names what differs.
func (e *OtherOptionsError) Error() string {
	return fmt.Sprintf("%s was begun with %s and cannot go on with %s: use the same options, or cancel it first",
		e.ID, e.Began.describe(), e.Asks.describe())
}

// BeingCanceledError is a migration whose cancel did not finish, or that was canceled after its file was reviewed.
type BeingCanceledError struct {
	ID       string
	Finished bool // nothing of it is left
}

// Error says what to do first.
func (e *BeingCanceledError) Error() string {
	if e.Finished {
		return fmt.Sprintf("%s was canceled after its file was reviewed: run the file once more to begin anew", e.ID)
	}
	return fmt.Sprintf("%s is being canceled: finish that first", e.ID)
}

// WindowClosedError is a cancel that comes too late.
type WindowClosedError struct {
	ID       string
	Deadline time.Time
}

// Error names the deadline.
func (e *WindowClosedError) Error() string {
	return fmt.Sprintf("%s could be canceled as a whole until %s; after that its schedules are canceled one by one",
		e.ID, e.Deadline.UTC().Format("2 Jan 2006 15:04:05 MST"))
}

// TooManyFailuresError is a run that ended because too many rows were refused.
type TooManyFailuresError struct{ Failures int64 }

// Error tells how many.
func (e *TooManyFailuresError) Error() string {
	return fmt.Sprintf("stopped after %d refused rows, as asked", e.Failures)
}

// UnsettledError is a run at whose end the outcome of some requests was still not known.
type UnsettledError struct{ Rows int64 }

// Error says what to do.
func (e *UnsettledError) Error() string {
	return fmt.Sprintf("Stripe did not say what became of %d rows: the same command looks them up and goes on", e.Rows)
}

// UnexpectedAccountError is a key that belongs to another account than the user has named.
type UnexpectedAccountError struct {
	Want string // the account's ID
	Got  Account
}

// Error names both accounts.
func (e *UnexpectedAccountError) Error() string {
	return fmt.Sprintf("the key belongs to %s, and %s was expected: nothing was looked up; use a key of that account, or name this one", e.Got, e.Want)
}

// WrongAccountError is a key that belongs to another account than the migration.
type WrongAccountError struct {
	ID        string
	Want, Got Account
}

// Error names both accounts.
func (e *WrongAccountError) Error() string {
	return fmt.Sprintf("%s belongs to %s, but the key belongs to %s: use a key of the migration's account",
		e.ID, e.Want, e.Got)
}

// SourceStoppedError is a cancel of rows whose source subscriptions were stopped.
type SourceStoppedError struct {
	ID     string
	Rows   int64 // that are stopped
	Unsure int64 // beside them, of which that is not known: a cutover, or its undo, ended in between
}

// Error says what it would lead to.
func (e *SourceStoppedError) Error() string {
	what := fmt.Sprintf("a cutover has stopped the source subscriptions of %d rows of %s", e.Rows, e.ID)
	if e.Unsure > 0 {
		what += fmt.Sprintf(", and may have stopped those of %d more", e.Unsure)
	}
	return what + ": if these are canceled here too, nobody charges those customers any more, and they lose their service"
}

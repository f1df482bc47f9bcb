package usage

import (
	"errors"
	"fmt"
	"time"

	"github.com/subferry/subferry/csvspec/words"
	"github.com/subferry/subferry/migrate/internal/workers"
	"github.com/subferry/subferry/validate"
)

// ErrInterrupted is returned when a stop has kept events from being sent.
var ErrInterrupted = workers.ErrInterrupted

// ErrStream is returned for the stream outside of live mode.
var ErrStream = errors.New("the stream of meter events exists in live mode only: leave --stream out, and the events are sent one by one")

// InvalidError is a file that must be corrected first.
type InvalidError struct {
	Report *validate.Report // with all findings
}

// Error says how many rows must be mended.
func (e *InvalidError) Error() string {
	if e.Report.Invalid == 0 {
		return fmt.Sprintf("%s: the file as a whole must be mended; nothing was sent", e.Report.File)
	}
	return fmt.Sprintf("%s: %d of %d rows must be mended; nothing was sent", e.Report.File, e.Report.Invalid, e.Report.Rows)
}

// UnsettledError tells that events were begun of which it is not known whether they count. They are neither taken for sent
// nor, when Stripe may have forgotten their identifiers, sent again.
type UnsettledError struct {
	Events int64
	Old    int64 // of those, the ones that were sent more than a day ago, and of which the meter's sums do not tell either
}

// Error says what can be done.
func (e *UnsettledError) Error() string {
	if e.Old == 0 {
		return fmt.Sprintf("the outcome of %s is not known: the same command sends again, under the same identifiers, within a day", words.Count(e.Events, "event"))
	}
	return fmt.Sprintf("it could not be found out of %s whether it counts: it was sent more than a day ago, or Stripe takes its time no more, and the sums of the meter do not tell; "+
		"look at the meter in Stripe, and say --assume sent or --assume unsent", words.Count(e.Old, "event"))
}

// RefusedError tells that Stripe has refused events.
type RefusedError struct {
	Events    int64
	Elsewhere int64 // of those, the ones whose identifiers Stripe has had from another ledger or program
}

// Error says how many.
func (e *RefusedError) Error() string {
	switch elsewhere := fmt.Sprintf("under %s Stripe has had an event already that this ledger has not sent: it came from another computer or program, "+
		"and is not sent again; reconcile tells whether it is the same", words.Count(e.Elsewhere, "identifier")); e.Elsewhere {
	case 0:
		return fmt.Sprintf("Stripe refused %s, and the others were taken; what is refused does not count", words.Count(e.Events, "event"))
	case e.Events:
		return elsewhere
	default:
		return fmt.Sprintf("Stripe refused %s; what is refused does not count; and %s", words.Count(e.Events-e.Elsewhere, "event"), elsewhere)
	}
}

// OtherOptionsError is a file that was begun with other options, which make other events of its rows.
type OtherOptionsError struct {
	Run         string
	Began, Asks Options
}

// Error says what differs, and what to do.
func (e *OtherOptionsError) Error() string {
	what := "another map of customers"
	if e.Began.Zone != e.Asks.Zone {
		what = fmt.Sprintf("--dates %q and not %q", e.Began.Zone, e.Asks.Zone)
	}
	return fmt.Sprintf("this file was begun as %s with %s: its rows would count twice; go on with migrate usage resume %s, which keeps the options, or retract it and send the rows in another file",
		e.Run, what, e.Run)
}

// WrongAccountError is a run that is gone on with in another account than its own.
type WrongAccountError struct {
	Run, Want, Got string
	Livemode       bool // of the run
}

// Error names both.
func (e *WrongAccountError) Error() string {
	if e.Want == e.Got {
		mode := map[bool]string{true: "live mode (say --live, with a live key)", false: "test mode (leave --live out, with a test key)"}[e.Livemode]
		return fmt.Sprintf("%s was sent in %s, and the key is of the other mode: nothing was done", e.Run, mode)
	}
	return fmt.Sprintf("%s belongs to the account %s, and the key is of %s: nothing was done", e.Run, e.Want, e.Got)
}

// TooLateError is a cancellation of events that were sent more than 24 hours ago.
type TooLateError struct {
	Events int64
	Sent   time.Time // the last one
}

// Error says what to do instead.
func (e *TooLateError) Error() string {
	return fmt.Sprintf("Stripe cancels events for 24 hours after it has received them, and these were sent %s or before: send rows with negative values within the same period, or settle it with a credit",
		e.Sent.UTC().Format(time.RFC3339))
}

// NoSuchEventError is a cancellation of an event that the run does not have.
type NoSuchEventError struct{ Run, Identifier string }

// Error names it.
func (e *NoSuchEventError) Error() string {
	return fmt.Sprintf("%s has sent no event %q: its report lists those that it has", e.Run, e.Identifier)
}

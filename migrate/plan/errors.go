package plan

import (
	"fmt"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
	"github.com/subferry/subferry/migrate"
)

// VersionError is a plan file of another version.
type VersionError struct{ Version int }

// Error says what to do.
func (e *VersionError) Error() string {
	return fmt.Sprintf("the plan file is of version %d, and this program reads version %d: make a new plan with this program", e.Version, Version)
}

// EditedError is a CSV file that is not the planned one any more.
type EditedError struct {
	File      string
	Want, Got string // SHA-256
}

// Error says what to do.
func (e *EditedError) Error() string {
	return fmt.Sprintf("%s has been edited since it was planned (its SHA-256 is %.12s…, planned was %.12s…): make a new plan, or restore the file",
		e.File, e.Got, e.Want)
}

// OtherAccountError is a key of another account than the plan's.
type OtherAccountError struct{ Want, Got migrate.Account }

// Error says what to do.
func (e *OtherAccountError) Error() string {
	return fmt.Sprintf("the plan is for %s, and the key belongs to %s: use a key of the plan's account, or make a new plan for this one", e.Want, e.Got)
}

// OtherModeError is a key of the right account in the wrong mode.
type OtherModeError struct{ Want, Got migrate.Account }

// Error says what to do.
func (e *OtherModeError) Error() string {
	return fmt.Sprintf("the plan is for %s, and the key is for %s: the objects of the two modes differ; use a key of the plan's mode, or make a new plan in this one",
		e.Want, e.Got)
}

// OtherAPIError is a program that speaks another version of Stripe's API.
type OtherAPIError struct{ Want, Got string }

// Error says what to do.
func (e *OtherAPIError) Error() string {
	return fmt.Sprintf("the plan was made for version %s of Stripe's API, and this program uses %s: make a new plan with this program", e.Want, e.Got)
}

// TooOldError is a plan that was made too long ago.
type TooOldError struct{ Created, Now time.Time }

// Error says what to do.
func (e *TooOldError) Error() string {
	return fmt.Sprintf("the plan was made %s, which is more than %d hours ago: make a new one", moment(e.Created), int(MaxAge/time.Hour))
}

// FutureError is a plan that was made later than now: a clock is wrong, or the plan was made for a rehearsal of the future.
type FutureError struct{ Created, Now time.Time }

// Error says what to do.
func (e *FutureError) Error() string {
	return fmt.Sprintf("the plan was made %s, which is later than now, %s: set the clock right, or make a new plan", moment(e.Created), moment(e.Now))
}

// TooCloseError is a row whose start has come too close.
type TooCloseError struct {
	First    time.Time // the earliest start of the plan
	Earliest time.Time // at which a row may start now
}

// Error says what to do.
func (e *TooCloseError) Error() string {
	return fmt.Sprintf("the first subscription of the plan starts %s, and now none may start before %s: make a new plan, which holds back the rows that start too soon",
		moment(e.First), moment(e.Earliest))
}

// FactsChangedError is an account in which the same file would become other schedules or other charges.
type FactsChangedError struct {
	Changes        []Change // of prices, products, coupons, tax rates and customers; empty when something else changed
	Planned, Ready int64    // rows of the plan, and rows that could be run now
	Cause          error    // of the review, when rows have errors now
}

// Unwrap returns the review's error.
func (e *FactsChangedError) Unwrap() error { return e.Cause }

// Error names what changed and says what to do.
func (e *FactsChangedError) Error() string {
	const what = "the file would become other schedules or charges than those of the plan: "
	switch {
	case len(e.Changes) > 0:
		return what + e.changes() + "; make a new plan"
	case e.Planned != e.Ready:
		return what + fmt.Sprintf("%d rows were planned, and %d could be run now, because customers or other migrations have changed; make a new plan", e.Planned, e.Ready)
	}
	return what + "the account is the same, so the plan was made by another version of the program, or was changed; make a new plan with this one"
}

// shownChanges is how many changes a message names.
const shownChanges = 3

func (e *FactsChangedError) changes() string {
	var list []string
	for i, c := range e.Changes {
		if i == shownChanges {
			list = append(list, fmt.Sprintf("and %d more", len(e.Changes)-i))
			break
		}
		list = append(list, fmt.Sprintf("%s was %s, is %s", c.Object, c.words(c.Was), c.words(c.Is)))
	}
	return strings.Join(list, "; ")
}

// words quotes what an object was or is; of customers only those on whom charges depend are described.
func (c Change) words(text string) string {
	switch {
	case text != "":
		return `"` + text + `"`
	case strings.HasPrefix(c.Object, customerFact):
		return "without a balance, a discount or an exemption from tax"
	}
	return "missing"
}

// moment writes a time for people.
func moment(t time.Time) string { return words.Moment(csvspec.At(t)).String() }

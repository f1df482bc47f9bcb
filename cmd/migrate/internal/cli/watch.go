package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
)

// watchEvery is how often --watch looks.
const watchEvery = time.Second

// watch shows every change until nothing is under way any more, and then how it ended.
func (a *app) watch(ctx context.Context, store ledger.Ledger, s *migrate.Summary, f ledgerFlags, now func() time.Time) error {
	ctx, release := a.abortable(ctx)
	defer release()
	var last *migrate.Summary
	idleSaid := false
	for {
		switch {
		case last == nil || !reflect.DeepEqual(s, last):
			idleSaid = false
			if err := a.showChange(s, now()); err != nil {
				return err
			}
		case !idleSaid && !atWork(store, s.ID): // otherwise the silence would last for ever
			idleSaid = true
			command := "resume"
			if s.Status == string(ledger.StatusCanceling) {
				command = "cancel"
			}
			a.say("Nothing works on it now. What goes on with it is watched from here; Ctrl-C ends the watching.\nTo go on: %s",
				a.commandFor(f, s, now(), command))
		}
		if !underWay(s) {
			if a.textMode() {
				a.showStanding(store, s, f, now())
			}
			return nil
		}
		if err := (migrate.SystemClock{}).Sleep(ctx, watchEvery); err != nil {
			return err
		}
		last = s
		var err error
		if s, err = a.summary(ctx, store, s.ID, f, now()); err != nil {
			return err
		}
	}
}

func underWay(s *migrate.Summary) bool {
	return s.Status == string(ledger.StatusInProgress) || s.Status == string(ledger.StatusCanceling)
}

// showChange shows a summary in one line.
func (a *app) showChange(s *migrate.Summary, now time.Time) error {
	if !a.textMode() {
		e := json.NewEncoder(a.env.Stdout)
		e.SetEscapeHTML(false)
		return e.Encode(s)
	}
	text := fmt.Sprintf("%d of %d scheduled", s.Scheduled, s.Rows)
	for _, c := range otherCounts(s) {
		if c.n > 0 {
			text += fmt.Sprintf(", %d %s", c.n, c.name)
		}
	}
	a.print("%s  %s\n", now.In(a.env.Zone).Format("15:04:05"), text)
	return nil
}

// atWork tells whether a process works on a migration: it holds the migration's lock. A lock that cannot be tried says
// nothing, so that it counts as held.
func atWork(store ledger.Ledger, id string) bool {
	held, err := store.AtWork(id)
	return held || err != nil
}

package jobs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/subferry/subferry/csvspec/words"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/serve/store"
)

// CanceledJSON is the artifact of a cancel: a migrate.Canceled.
const CanceledJSON = "canceled.json"

// cancel cancels what a move has created. The jobs of its shards let go of the migration within a second, as they look whether
// their move is still running; until then the ledger's lock keeps this job waiting.
func (e *Engine) cancel(ctx context.Context, t CancelArgs, stop <-chan struct{}) error {
	m, err := e.Store.Move(ctx, t.ID)
	if err != nil {
		return err
	}
	if m.State != store.Canceling || m.Error != "" {
		return nil
	}
	detail := map[string]any{}
	if m.Migration != "" {
		c, err := e.Accounts.Open(ctx, accountOf(m))
		if err != nil {
			return err
		}
		result, err := c.Migrator.Cancel(ctx, m.Migration, migrate.CancelOptions{Stop: stop})
		if err != nil {
			return err
		}
		text, err := json.Marshal(result)
		if err == nil {
			_, err = e.Store.PutArtifact(ctx, m.ID, CanceledJSON, "application/json", bytes.NewReader(text))
		}
		if err != nil {
			return err
		}
		if result.Failed > 0 {
			return &notCanceledError{result}
		}
		detail["canceled"], detail["already_live"] = result.Canceled, result.AlreadyLive
	}
	err = e.record(ctx, t.ID, "canceled", detail, func(now *store.Move) error {
		if now.State != store.Canceling {
			return errVoid
		}
		now.State, now.Error, now.Stop = store.Canceled, "", false
		return nil
	})
	if err != nil {
		return err
	}
	return errors.Join(e.Store.DropShards(ctx, t.ID, m.Round+1), e.Store.DropWorks(ctx, t.ID+"/"))
}

// notCanceledError is a cancel that has left rows.
type notCanceledError struct{ *migrate.Canceled }

// Error names the first row that could not be canceled.
func (e *notCanceledError) Error() string {
	text := words.Count(e.Failed, "row") + " could not be canceled"
	if len(e.Failures) > 0 {
		f := e.Failures[0]
		text += fmt.Sprintf(", the first in line %d: %s", f.Line, f.Message)
	}
	return text
}

// failCancel leaves a cancel to a person: it can be tried again, or has turned out to be refused, and then the move is what it was.
func (e *Engine) failCancel(ctx context.Context, id string, failure error) error {
	state := store.Canceling
	if is[*migrate.WindowClosedError](failure) || is[*migrate.SourceStoppedError](failure) {
		m, err := e.Store.Move(ctx, id)
		if err != nil {
			return err
		}
		mig, err := e.Ledger.Migration(ctx, m.Migration)
		if err != nil {
			return err
		}
		switch mig.Status {
		case ledger.StatusScheduled:
			state = store.Scheduled
		case ledger.StatusInProgress:
			state = store.Paused
		}
	}
	return e.record(ctx, id, "cancel failed", map[string]string{"error": failure.Error()}, func(m *store.Move) error {
		if m.State != store.Canceling {
			return errVoid
		}
		m.State, m.Error = state, failure.Error()
		return nil
	})
}

package jobs

import (
	"context"

	"github.com/subferry/subferry/migrate/serve/store"
)

// ActKinds are the acts that Engine.Act takes.
func ActKinds() []string { return []string{"verify", "who_bills", "monitor", "report", "plan"} }

func (e *Engine) act(ctx context.Context, t ActArgs, stop <-chan struct{}) error { return nil }

func (e *Engine) failAct(ctx context.Context, t ActArgs, failure error) error {
	_, err := e.Store.UpdateAct(ctx, t.Act, func(a *store.Act) error {
		a.State, a.Error = store.ActFailed, failure.Error()
		return nil
	})
	return err
}

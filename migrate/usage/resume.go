package usage

import (
	"context"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
)

// Reopen returns the file of a run, and how it was read. It returns migrate.ErrChanged when the file is another one now.
func (r *Runner) Reopen(_ context.Context, run ledger.UsageRun) (migrate.Input, Options, error) {
	o, err := OptionsOf(run)
	if err != nil {
		return migrate.Input{}, o, err
	}
	if run.Account != r.Account.ID || run.Livemode != r.Account.Livemode {
		return migrate.Input{}, o, &WrongAccountError{run.ID, run.Account, r.Account.ID, run.Livemode}
	}
	in := migrate.FileInput(run.Path)
	in.Name = run.File
	sum, err := in.SHA256()
	if err == nil && sum != run.SHA256 {
		err = migrate.ErrChanged
	}
	return in, o, err
}

package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
)

// earlier returns the migrations of the same content into the same account, newest first.
func (m *Migrator) earlier(ctx context.Context, a Account, c content) ([]ledger.Migration, error) {
	all, err := m.ledger.Migrations(ctx)
	if err != nil {
		return nil, err
	}
	var same []ledger.Migration
	for _, mig := range all {
		if mig.Account == a.ID && mig.Livemode == a.Livemode && c.moves(mig) {
			same = append(same, mig)
		}
	}
	return same, nil
}

// Selection is the migration that a run of a reviewed file would belong to.
type Selection struct {
	ID        string
	Continues bool // it was begun before
	Searches  bool // the run looks first what the account has already, see Review.SearchRequests
}

// Select says what Run would do with a reviewed file, so that a user can be told before being asked. It returns the
// errors with which Run would refuse it: *AlreadyMigratedError, *AlreadyScheduledError, *OtherOptionsError, *BeingCanceledError,
// *UnitUnstatedError, or ErrChanged when it is not the file of the migration that is to be resumed.
func (m *Migrator) Select(ctx context.Context, r *Review, o RunOptions) (Selection, error) {
	mig, err := m.choose(ctx, r, o)
	if err != nil {
		return Selection{}, err
	}
	begun := slices.ContainsFunc(r.Earlier, func(e ledger.Migration) bool { return e.ID == mig.ID })
	searches := r.Options.SkipScheduled || searchIsOld(mig, m.clock.Now())
	return Selection{ID: mig.ID, Continues: begun, Searches: searches}, nil
}

// Reopen returns the file and the options of a migration, for a review that its run goes on from. It returns
// ErrChanged when the file is not the same any more.
func (m *Migrator) Reopen(ctx context.Context, id string) (Input, Options, error) {
	mig, err := m.ledger.Migration(ctx, id)
	if err != nil {
		return Input{}, Options{}, err
	}
	options, err := decodeOptions(mig.Options)
	if err != nil {
		return Input{}, options, err
	}
	in := FileInput(mig.Path)
	in.Name = mig.File
	sha, err := in.SHA256()
	if err == nil && sha != mig.SHA256 {
		err = fmt.Errorf("%s: %w", mig.Path, ErrChanged)
	}
	return in, options, err
}

// unfinished tells whether a run of the migration has something left to do: it was interrupted, or rows were refused.
func (m *Migrator) unfinished(ctx context.Context, mig ledger.Migration) (bool, error) {
	switch mig.Status {
	case ledger.StatusInProgress:
		return true, nil
	case ledger.StatusScheduled:
		counts, err := m.ledger.Counts(ctx, mig.ID, 0)
		return counts.ByState[ledger.Refused] > 0, err
	}
	return false, nil
}

// choose says which migration a run of the reviewed file belongs to: the unfinished one, or a new one. A file that
// was migrated before is refused unless the user wants it again; one whose migration was undone may be run anew.
func (m *Migrator) choose(ctx context.Context, r *Review, o RunOptions) (ledger.Migration, error) {
	if r.Account.Livemode && r.Amounts && r.Options.Unit == csvspec.UnitUnstated {
		return ledger.Migration{}, &UnitUnstatedError{File: r.Input.Name}
	}
	fresh, err := m.fresh(r)
	if err != nil {
		return fresh, err
	}
	if o.Resume == "" && len(r.Earlier) == 0 {
		return fresh, r.refuseTaken(Options{})
	}
	last, err := m.lastOf(ctx, r, o.Resume)
	if err != nil {
		return fresh, err
	}
	open, err := m.unfinished(ctx, last)
	switch {
	case err != nil:
		return fresh, err
	case last.Status == ledger.StatusCanceling:
		return fresh, &BeingCanceledError{ID: last.ID}
	case open:
		return last, r.mayGoOn(last)
	case o.Resume == "" && (last.Status == ledger.StatusCanceled || r.Options.Again):
		return fresh, r.refuseTaken(Options{})
	}
	return fresh, &AlreadyMigratedError{ID: last.ID, File: last.File, At: last.CreatedAt.Time()}
}

// lastOf returns the migration that a run would go on with, or that stands in its way: the one that is to be resumed, or
// the newest of the file whose schedules were not canceled. When all were, it returns the newest of those.
func (m *Migrator) lastOf(ctx context.Context, r *Review, resume string) (ledger.Migration, error) {
	if resume == "" {
		standing := slices.IndexFunc(r.Earlier, func(e ledger.Migration) bool { return e.Status != ledger.StatusCanceled })
		return r.Earlier[max(0, standing)], nil
	}
	mig, err := m.ledger.Migration(ctx, resume)
	switch owner := (Account{ID: mig.Account, Livemode: mig.Livemode}); {
	case err != nil:
		return mig, err
	case owner != r.Account:
		return mig, &WrongAccountError{ID: mig.ID, Want: owner, Got: r.Account}
	case mig.SHA256 != r.Report.SHA256:
		return mig, fmt.Errorf("%s: %w", r.Input.Name, ErrChanged)
	}
	return mig, nil
}

// mayGoOn refuses to go on with a file that would be read differently now, or with rows that others have scheduled.
func (r *Review) mayGoOn(mig ledger.Migration) error {
	began, err := decodeOptions(mig.Options)
	if err != nil {
		return err
	}
	if !began.reads(r.Options) {
		return &OtherOptionsError{ID: mig.ID, Began: began, Asks: r.Options}
	}
	return r.refuseTaken(began)
}

// fresh returns the record of a new migration of the reviewed file.
func (m *Migrator) fresh(r *Review) (ledger.Migration, error) {
	options, err := r.Options.encode()
	now := csvspec.At(m.clock.Now())
	return ledger.Migration{
		ID:      migrationID(r.Account, r.content(), len(r.Earlier)+1),
		Account: r.Account.ID, Livemode: r.Account.Livemode,
		File: r.Input.Name, Path: r.Input.Path, SHA256: r.Report.SHA256, Template: r.Report.Template, Options: options,
		Rows: r.Ready, Customers: int64(r.Report.Customers), FirstStart: r.FirstStart,
		CreatedAt: now, SettledAt: now, Status: ledger.StatusInProgress, APIBase: m.apiBase,
	}, err
}

// notCanceled refuses to go on with a migration that was canceled since its file was reviewed.
func notCanceled(mig ledger.Migration) error {
	if mig.Status == ledger.StatusCanceling || mig.Status == ledger.StatusCanceled {
		return &BeingCanceledError{ID: mig.ID, Finished: mig.Status == ledger.StatusCanceled}
	}
	return nil
}

// claim takes the migration's lock and makes sure that the ledger has a record of it. The record that it returns was
// read under the lock.
func (m *Migrator) claim(ctx context.Context, mig ledger.Migration) (ledger.Migration, func(), error) {
	release, err := m.ledger.Lock(mig.ID)
	if err != nil {
		return mig, nil, fmt.Errorf("%w: wait for it, or stop it first", err)
	}
	kept, err := m.ledger.Migration(ctx, mig.ID)
	if errors.Is(err, ledger.ErrNotFound) {
		kept, err = mig, m.ledger.Begin(ctx, mig)
	}
	if err != nil {
		release()
		return mig, nil, err
	}
	return kept, release, nil
}

// OptionsOf returns how the file of a migration was read.
func OptionsOf(m ledger.Migration) (Options, error) { return decodeOptions(m.Options) }

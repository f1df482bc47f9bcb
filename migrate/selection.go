package migrate

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
)

// Selection is the migration that a run of a reviewed file would belong to.
type Selection struct {
	ID        string
	Continues bool // it was begun before
	Searches  bool // the run looks first what the account has already, see Review.SearchRequests
}

// Select says what Run would do with a reviewed file, so that a user can be told before being asked. It returns the
// errors with which Run would refuse it: *AlreadyMigratedError, *AlreadyScheduledError, *OtherOptionsError,
// *BeingCanceledError, *UnitUnstatedError, or ErrChanged when it is not the file of the migration that is to be
// resumed.
func (m *Migrator) Select(ctx context.Context, r *Review, o RunOptions) (Selection, error) {
	mig, err := m.selectMigration(ctx, r, o)
	if err != nil {
		return Selection{}, err
	}
	begun := slices.ContainsFunc(r.Earlier, func(e ledger.Migration) bool { return e.ID == mig.ID })
	searches := r.Options.SkipScheduled || searchIsOld(mig, m.clock.Now())
	return Selection{ID: mig.ID, Continues: begun, Searches: searches}, nil
}

// selectMigration says which migration a run of the reviewed file belongs to: the unfinished one, or a new one. A file
// that was migrated before is refused unless the user wants it again; one whose migration was canceled may be run anew.
func (m *Migrator) selectMigration(ctx context.Context, r *Review, o RunOptions) (ledger.Migration, error) {
	if r.Account.Livemode && r.Amounts && r.Options.Unit == csvspec.UnitUnstated {
		return ledger.Migration{}, &UnitUnstatedError{File: r.Input.Name}
	}
	fresh, err := r.newMigration(csvspec.At(m.clock.Now()), m.apiBase)
	if err != nil {
		return fresh, err
	}
	if o.Resume == "" && len(r.Earlier) == 0 {
		return fresh, r.refuseDuplicates(Options{})
	}
	last, err := m.lastMigration(ctx, r, o.Resume)
	if err != nil {
		return fresh, err
	}
	unfinished := last.Status == ledger.StatusInProgress // it was interrupted, or
	if last.Status == ledger.StatusScheduled {           // rows were refused
		counts, err := m.ledger.Counts(ctx, last.ID, 0)
		if err != nil {
			return fresh, err
		}
		unfinished = counts.ByState[ledger.Refused] > 0
	}
	switch {
	case last.Status == ledger.StatusCanceling:
		return fresh, &BeingCanceledError{ID: last.ID}
	case unfinished: // to be read as it was, and without rows that others have scheduled
		began, err := OptionsOf(last)
		if err == nil && !began.reads(r.Options) {
			err = &OtherOptionsError{ID: last.ID, Began: began, Asks: r.Options}
		}
		if err == nil {
			err = r.refuseDuplicates(began)
		}
		return last, err
	case o.Resume == "" && (last.Status == ledger.StatusCanceled || r.Options.Again):
		return fresh, r.refuseDuplicates(Options{})
	}
	return fresh, &AlreadyMigratedError{ID: last.ID, File: last.File, At: last.CreatedAt.Time()}
}

// sameRun refuses a migration that somebody else has begun since the file was reviewed, and has read in another way: what the
// user was shown is not what its rows became.
func (r *Review) sameRun(selected, found ledger.Migration) error {
	if slices.ContainsFunc(r.Earlier, func(e ledger.Migration) bool { return e.ID == found.ID }) || selected.ID != found.ID {
		return nil
	}
	began, err := OptionsOf(found)
	if err == nil && !began.reads(r.Options) {
		err = &OtherOptionsError{ID: found.ID, Began: began, Asks: r.Options}
	}
	return err
}

// lastMigration returns the migration that a run would go on with, or that stands in its way: the one that is to be
// resumed, or the newest of the file whose schedules were not canceled. When all were, it returns the newest of those.
func (m *Migrator) lastMigration(ctx context.Context, r *Review, resume string) (ledger.Migration, error) {
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

// newMigration returns the record of a new migration of the reviewed file.
func (r *Review) newMigration(now csvspec.Timestamp, apiBase string) (ledger.Migration, error) {
	options, err := json.Marshal(r.Options)
	if err != nil {
		err = fmt.Errorf("the options cannot be recorded: %w", err)
	}
	return ledger.Migration{
		ID:      migrationID(r.Account, r.contentID(), len(r.Earlier)+1),
		Account: r.Account.ID, Livemode: r.Account.Livemode,
		File: r.Input.Name, Path: r.Input.Path, SHA256: r.Report.SHA256, Template: r.Report.Template, Options: options,
		Rows: r.Ready, Customers: r.Customers, FirstStart: r.FirstStart,
		CreatedAt: now, SettledAt: now, Status: ledger.StatusInProgress, APIBase: apiBase,
	}, err
}

// ErrNoPath is returned for the file of a migration that was uploaded to the service, or that a program has read from
// elsewhere than from a path.
var ErrNoPath = errors.New("the ledger names no path to its file: if it was uploaded to the service (migrate serve), go on there")

// Reopen returns the file and the options of a migration, for a review that its run goes on from. It returns
// ErrChanged when the file is not the same any more, and ErrNoPath, with the options, when the file has
// no path.
func (m *Migrator) Reopen(ctx context.Context, id string) (Input, Options, error) {
	mig, err := m.ledger.Migration(ctx, id)
	if err != nil {
		return Input{}, Options{}, err
	}
	if mig.Path == "" {
		options, err := OptionsOf(mig)
		return Input{}, options, errors.Join(fmt.Errorf("%s: %w", mig.ID, ErrNoPath), err)
	}
	in := FileInput(mig.Path)
	in.Name = mig.File
	return ReopenAt(mig, in)
}

// ReopenAt is Reopen for a file that is somewhere else than the ledger says.
func ReopenAt(mig ledger.Migration, in Input) (Input, Options, error) {
	options, err := OptionsOf(mig)
	if err != nil {
		return Input{}, options, err
	}
	sha, err := in.SHA256()
	if err == nil && sha != mig.SHA256 {
		err = fmt.Errorf("%s: %w", cmp.Or(in.Path, in.Name), ErrChanged)
	}
	return in, options, err
}

// OptionsOf returns how the file of a migration was read.
func OptionsOf(m ledger.Migration) (o Options, err error) {
	if err := json.Unmarshal(m.Options, &o); err != nil {
		return o, fmt.Errorf("the options of the migration cannot be read: %w", err)
	}
	return o, nil
}

// contentID stands for the rows that a migration moves: the SHA-256 of the file, and the sheet of a workbook unless it
// is the one that is read when none is named. Two sheets of one workbook are two migrations.
type contentID string

func contentIDOf(sha, sheet string) contentID {
	if sheet == "" {
		return contentID(sha)
	}
	return contentID(sha + "/" + strings.ToLower(sheet))
}

// contentID returns what a reviewed file is recognised by.
func (r *Review) contentID() contentID { return contentIDOf(r.Report.SHA256, r.Options.Sheet) }

// moves tells whether a migration is one of this content.
func (c contentID) moves(mig ledger.Migration) bool {
	o, err := OptionsOf(mig)
	return err == nil && contentIDOf(mig.SHA256, o.Sheet) == c
}

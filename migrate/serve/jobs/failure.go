package jobs

import (
	"context"
	"errors"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/xlsx"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/cutover"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/serve/accounts"
	"github.com/subferry/subferry/migrate/serve/store"
)

// hopeless tells whether the same would come of trying again, so that a person has to do something.
func hopeless(err error) bool {
	var stripe *migrate.StripeError
	if errors.As(err, &stripe) {
		return stripe.Status == 401 || stripe.Status == 403 || stripe.Outcome == migrate.Refused
	}
	for _, sentinel := range []error{errNotRun, migrate.ErrChanged, csvspec.ErrRecordTooLong, accounts.ErrUnknown, ledger.ErrNotFound, ledger.ErrFull, ledger.ErrNewer, ledger.ErrDamaged, store.ErrDamaged, store.ErrNewer} {
		if errors.Is(err, sentinel) {
			return true
		}
	}
	return is[*anothersError](err) || is[*migrate.InvalidFileError](err) || is[*migrate.AlreadyMigratedError](err) || is[*migrate.UnitUnstatedError](err) ||
		is[*migrate.AlreadyScheduledError](err) || is[*migrate.OtherOptionsError](err) || is[*migrate.BeingCanceledError](err) || is[*migrate.WindowClosedError](err) ||
		is[*migrate.UnexpectedAccountError](err) || is[*migrate.WrongAccountError](err) || is[*migrate.SourceStoppedError](err) ||
		is[*migrate.TooManyFailuresError](err) || is[*accounts.RefusedError](err) || is[*notCanceledError](err) || is[*csvspec.ForeignError](err) || is[*xlsx.SheetError](err) || is[*xlsx.UnreadableError](err) || is[*cutover.WrongSourceError](err)
}

func is[T error](err error) bool {
	var as T
	return errors.As(err, &as)
}

// record changes a move and adds what a job has done to the audit log. A change that returns errVoid changes nothing, which is no
// error.
func (e *Engine) record(ctx context.Context, move, action string, detail any, change func(*store.Move) error) error {
	entry, err := store.NewEntry(store.JobActor, action, detail)
	if err != nil {
		return err
	}
	_, err = e.Store.UpdateMove(store.WithAudit(ctx, entry), move, change)
	if errors.Is(err, errVoid) {
		return nil
	}
	return err
}

// errVoid is returned by a change of a move that has become pointless, because the move was moved on meanwhile.
var errVoid = errors.New("the migration has moved on")

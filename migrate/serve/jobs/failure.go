package jobs

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/subferry/subferry/migrate"
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
	for _, sentinel := range []error{migrate.ErrChanged, accounts.ErrUnknown, ledger.ErrNotFound, ledger.ErrFull, ledger.ErrNewer, ledger.ErrDamaged, store.ErrDamaged, store.ErrNewer} {
		if errors.Is(err, sentinel) {
			return true
		}
	}
	return is[*migrate.InvalidFileError](err) || is[*migrate.AlreadyMigratedError](err) || is[*migrate.UnitUnstatedError](err) ||
		is[*migrate.AlreadyScheduledError](err) || is[*migrate.OtherOptionsError](err) || is[*migrate.BeingCanceledError](err) || is[*migrate.WindowClosedError](err) ||
		is[*migrate.UnexpectedAccountError](err) || is[*migrate.WrongAccountError](err) || is[*migrate.SourceStoppedError](err) ||
		is[*migrate.TooManyFailuresError](err) || is[*accounts.RefusedError](err) || is[*notCanceledError](err)
}

func is[T error](err error) bool {
	var as T
	return errors.As(err, &as)
}

// databaseAway tells whether an error is that of a database, or of the connection to it, that has gone and may come back.
func databaseAway(err error) bool {
	if is[*migrate.StripeError](err) {
		return false
	}
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		// 08 connection, 25006 read only (a standby), 40 serialization and deadlock, 53 resources, 57 shut down, 55P03 lock
		return strings.HasPrefix(refused.Code, "08") || strings.HasPrefix(refused.Code, "40") || strings.HasPrefix(refused.Code, "53") ||
			strings.HasPrefix(refused.Code, "57") || refused.Code == "25006" || refused.Code == "55P03"
	}
	var network net.Error
	return pgconn.SafeToRetry(err) || is[*pgconn.ConnectError](err) || errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, net.ErrClosed) || errors.Is(err, context.DeadlineExceeded) ||
		strings.Contains(err.Error(), "conn closed") || strings.Contains(err.Error(), "SQLITE_BUSY")
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

package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Away tells whether an error is that of a database, or of the connection to it, that has gone and may come back: what failed
// with it can be tried again. It knows those of the ledger's and the job queue's databases, too; an error of Stripe's has to be
// told apart before.
func Away(err error) bool {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		// 08 connection, 25006 read only (a standby), 40 serialization and deadlock, 53 resources, 57 shut down, 55P03 lock
		for _, class := range []string{"08", "40", "53", "57", "25006", "55P03"} {
			if strings.HasPrefix(refused.Code, class) {
				return true
			}
		}
		return false
	}
	for _, gone := range []error{io.EOF, io.ErrUnexpectedEOF, driver.ErrBadConn, sql.ErrConnDone, net.ErrClosed, context.DeadlineExceeded} {
		if errors.Is(err, gone) {
			return true
		}
	}
	var network net.Error
	var connect *pgconn.ConnectError
	return pgconn.SafeToRetry(err) || errors.As(err, &network) || errors.As(err, &connect) ||
		strings.Contains(err.Error(), "conn closed") || strings.Contains(err.Error(), "SQLITE_BUSY")
}

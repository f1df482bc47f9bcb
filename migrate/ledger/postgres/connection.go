package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// connection is one beside that of the session, made when it is needed and again when it was lost. Whoever talks over it has
// it alone.
type connection struct {
	alive context.Context // until the Store is closed
	turn  chan struct{}   // held by the one who talks
	conn  *pgx.Conn       // nil before the first use, and when it was lost
	ready func(ctx context.Context, conn *pgx.Conn) error
}

// beside makes what has connections beside the session. Nothing is connected before it is needed.
func (s *Store) beside() {
	var alive context.Context
	alive, s.end = context.WithCancel(context.Background())
	s.rates = connection{alive: alive, turn: make(chan struct{}, 1), ready: loose}
	s.customers.held = map[int64]*customer{}
	s.customers.connection = connection{alive: alive, turn: make(chan struct{}, 1), ready: s.customers.relock}
	go s.beatCustomers()
}

// loose has commits answered before they are on disk: what a crash of the server loses of the rates is over by the time it is back.
func loose(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "SET synchronous_commit = off")
	return err
}

// talk has a conversation. One whose connection turns out to have ended since the last one is had again over another one.
func (c *connection) talk(ctx context.Context, s *Store, do func(ctx context.Context, conn *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(ctx, writeWithin)
	defer cancel()
	defer context.AfterFunc(c.alive, cancel)()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case c.turn <- struct{}{}:
	}
	defer func() { <-c.turn }()
	for {
		if c.alive.Err() != nil {
			return errClosed
		}
		fresh := c.conn == nil
		if fresh {
			conn, err := pgx.ConnectConfig(ctx, s.address.pool.ConnConfig.Copy())
			if err != nil {
				return err
			}
			if err := errors.Join(s.tune(ctx, conn, "auto"), c.ready(ctx, conn)); err != nil {
				return errors.Join(err, conn.Close(ctx))
			}
			c.conn = conn
		}
		err := do(ctx, c.conn)
		var refused *pgconn.PgError
		if err == nil || errors.As(err, &refused) && refused.Severity == "ERROR" && !c.conn.IsClosed() {
			return err
		}
		c.drop()
		if fresh || ctx.Err() != nil {
			return err
		}
	}
}

// drop gives the connection up, without waiting for anybody.
func (c *connection) drop() {
	if c.conn == nil {
		return
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_ = c.conn.Close(ended)
	c.conn = nil
}

// close closes the connection, when the Store is closed.
func (c *connection) close() {
	c.turn <- struct{}{} // whoever talks has been told to end
	c.drop()
	<-c.turn
}

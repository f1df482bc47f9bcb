package postgres

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	firstPoll  = 10 * time.Millisecond // behind a try for a customer who is locked, and twice as long each time
	longPoll   = 160 * time.Millisecond
	aliveEvery = 10 * time.Second

	// giveUpStopped has the server end a connection from which nothing has come for so long: its process was stopped, and its
	// customers are free again. It is longer than a row waits for its request after its intent was recorded.
	giveUpStopped = `SELECT set_config(name, '40s', false) FROM pg_settings WHERE name = 'idle_session_timeout'`

	lockCustomer   = `SELECT pg_try_advisory_lock($1)`
	unlockCustomer = `SELECT pg_advisory_unlock($1)`
)

// customers are the locks that this process has on customers: advisory locks of the server on a connection of their own. A lock
// keeps an order and protects nothing else, so that a connection which is lost is made again, with the locks that are free.
type customers struct {
	connection
	mu      sync.Mutex
	held    map[int64]*customer
	queue   []customerStep // what is to be sent next, together
	sending bool
}

// customer is a lock that a goroutine has, or waits for.
type customer struct {
	granted  bool
	released chan struct{}
}

// customerStep locks or unlocks a customer, or lets the server know that this process is there.
type customerStep struct {
	statement string
	number    int64
	reply     chan customerReply // nil when nobody waits
}

type customerReply struct {
	done bool
	err  error
}

// LockCustomer implements migrate.CustomerLocker for all processes that share the database: it waits until nobody else has the
// customer of the account locked, or the context ends.
func (s *Store) LockCustomer(ctx context.Context, account, id string) (release func(), err error) {
	number, c := s.lockNumber("customer\x00"+account+"\x00"+id), &s.customers
	mine, err := c.reserve(ctx, number)
	if err != nil {
		return nil, err
	}
	for pause := firstPoll; ; pause = min(2*pause, longPoll) {
		reply := make(chan customerReply, 1)
		s.stepCustomer(customerStep{lockCustomer, number, reply})
		answer := <-reply
		if answer.done {
			c.mu.Lock()
			defer c.mu.Unlock()
			mine.granted = true
			return sync.OnceFunc(func() {
				s.stepCustomer(customerStep{unlockCustomer, number, nil})
				c.free(number)
			}), nil
		}
		if answer.err == nil {
			short, ended := context.WithTimeout(ctx, pause)
			<-short.Done()
			ended()
			answer.err = ctx.Err()
		}
		if answer.err != nil {
			c.free(number)
			return nil, s.explain(answer.err)
		}
	}
}

// reserve waits until nobody in this process has the lock: the server would give it to the same session twice.
func (c *customers) reserve(ctx context.Context, number int64) (*customer, error) {
	for {
		c.mu.Lock()
		other := c.held[number]
		if other == nil {
			mine := &customer{released: make(chan struct{})}
			c.held[number] = mine
			c.mu.Unlock()
			return mine, nil
		}
		c.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-other.released:
		}
	}
}

func (c *customers) free(number int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.held[number].released)
	delete(c.held, number)
}

// stepCustomer puts a step behind those that wait, and sees to it that they are sent.
func (s *Store) stepCustomer(step customerStep) {
	c := &s.customers
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queue = append(c.queue, step)
	if !c.sending {
		c.sending = true
		go s.sendCustomers()
	}
}

// sendCustomers sends what waits, one batch after the other, until nothing does. What one error keeps from being done has not
// been done for all of the batch.
func (s *Store) sendCustomers() {
	c := &s.customers
	for {
		c.mu.Lock()
		steps := c.queue
		c.queue, c.sending = nil, len(steps) > 0
		c.mu.Unlock()
		if len(steps) == 0 {
			return
		}
		done := make([]bool, len(steps))
		err := c.talk(context.Background(), s, func(ctx context.Context, conn *pgx.Conn) error {
			batch := &pgx.Batch{}
			for i, step := range steps {
				batch.Queue(step.statement, step.number).QueryRow(func(row pgx.Row) error { return row.Scan(&done[i]) })
			}
			err := conn.SendBatch(ctx, batch).Close()
			if err != nil { // what was locked before the error ends with the connection: nobody would unlock it
				_ = conn.Close(ctx)
			}
			return err
		})
		for i, step := range steps {
			if step.reply != nil {
				step.reply <- customerReply{done[i] && err == nil, err}
			}
		}
	}
}

// relock takes the locks again that were lost with a connection, as far as nobody else has them now.
func (c *customers) relock(ctx context.Context, conn *pgx.Conn) error {
	c.mu.Lock()
	batch := &pgx.Batch{}
	batch.Queue(giveUpStopped)
	for number, lock := range c.held {
		if lock.granted {
			batch.Queue(lockCustomer, number)
		}
	}
	c.mu.Unlock()
	return conn.SendBatch(ctx, batch).Close()
}

// beatCustomers lets the server know now and then that a process with locks is not stopped.
func (s *Store) beatCustomers() {
	c := &s.customers
	for {
		pause, ended := context.WithTimeout(c.alive, aliveEvery)
		<-pause.Done()
		ended()
		if c.alive.Err() != nil {
			return
		}
		c.mu.Lock()
		locked := len(c.held) > 0
		c.mu.Unlock()
		if locked {
			s.stepCustomer(customerStep{statement: `SELECT $1::bigint IS NOT NULL`})
		}
	}
}

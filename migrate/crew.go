package migrate

import (
	"errors"
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// errHalted is what give returns when nothing more is to be done; the reason is what finish returns.
var errHalted = errors.New("halted")

// crew is a set of workers. All jobs of one customer go to the same worker, so that there are never two writes for
// one customer at the same time.
type crew[J any] struct {
	lanes  []chan J
	seed   maphash.Seed
	stop   <-chan struct{}
	halted chan struct{}
	left   atomic.Bool // jobs were not done, because the crew was stopped or halted
	once   sync.Once
	err    error
	wg     sync.WaitGroup
}

// laneLength is how many jobs may wait for one worker.
const laneLength = 8

// newCrew starts n workers. A worker whose job returns an error halts the crew; a stop lets each finish its job.
func newCrew[J any](n int, seed maphash.Seed, stop <-chan struct{}, do func(J) error) *crew[J] {
	c := &crew[J]{lanes: make([]chan J, n), seed: seed, stop: stop, halted: make(chan struct{})}
	for i := range c.lanes {
		c.lanes[i] = make(chan J, laneLength)
		c.wg.Go(func() { c.work(c.lanes[i], do) })
	}
	return c
}

func (c *crew[J]) work(lane <-chan J, do func(J) error) {
	for job := range lane {
		if c.idle() {
			c.left.Store(true)
			continue
		}
		if err := do(job); err != nil {
			c.halt(err)
		}
	}
}

// give hands a job of a customer to its worker, and waits while that one is busy.
func (c *crew[J]) give(customer string, job J) error {
	if c.idle() {
		c.left.Store(true)
		return errHalted
	}
	lane := c.lanes[maphash.String(c.seed, customer)%uint64(len(c.lanes))]
	select {
	case lane <- job:
		return nil
	case <-c.halted:
	case <-c.stop:
	}
	c.left.Store(true)
	return errHalted
}

// finish waits for the jobs under way and returns what halted the crew, if anything did.
func (c *crew[J]) finish() error {
	for _, lane := range c.lanes {
		close(lane)
	}
	c.wg.Wait()
	return c.err
}

func (c *crew[J]) halt(err error) {
	c.once.Do(func() {
		c.err = err
		close(c.halted)
	})
}

func (c *crew[J]) idle() bool {
	select {
	case <-c.halted:
		return true
	case <-c.stop:
		return true
	default:
		return false
	}
}

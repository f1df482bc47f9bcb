// Package workers deals with jobs in parallel, and with those of one customer one after the other.
package workers

import (
	"errors"
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// ErrInterrupted is what a pool returns when a stop has kept jobs from being done.
var ErrInterrupted = errors.New("interrupted: what was begun is recorded, the same command goes on from here")

// errHalted is what Submit returns when nothing more is to be done; the reason is what Wait returns.
var errHalted = errors.New("halted")

// Pool is a set of workers. All jobs of one customer go to the same worker, so that there are never two writes
// for one customer at the same time.
type Pool[J any] struct {
	queues []chan J // one for each worker
	seed   maphash.Seed
	stop   <-chan struct{}
	halted chan struct{}
	left   atomic.Bool // jobs were not done, because the pool was stopped or halted
	once   sync.Once
	err    error
	wg     sync.WaitGroup
}

// queueLength is how many jobs may wait for one worker.
const queueLength = 8

// New starts n workers. One whose job returns an error halts the pool; a stop lets each finish its job.
func New[J any](n int, seed maphash.Seed, stop <-chan struct{}, do func(J) error) *Pool[J] {
	p := &Pool[J]{queues: make([]chan J, n), seed: seed, stop: stop, halted: make(chan struct{})}
	for i := range p.queues {
		p.queues[i] = make(chan J, queueLength)
		p.wg.Go(func() {
			for job := range p.queues[i] {
				if p.ended() {
					p.left.Store(true)
					continue
				}
				if err := do(job); err != nil {
					p.Halt(err)
				}
			}
		})
	}
	return p
}

// Submit hands a job of a customer to its worker, and waits while that one is busy.
func (p *Pool[J]) Submit(customer string, job J) error {
	if p.ended() {
		p.left.Store(true)
		return errHalted
	}
	select {
	case p.queues[maphash.String(p.seed, customer)%uint64(len(p.queues))] <- job:
		return nil
	case <-p.halted:
	case <-p.stop:
	}
	p.left.Store(true)
	return errHalted
}

// Wait waits for the jobs under way. It returns what halted the pool, if anything did, and ErrInterrupted when jobs
// were not done because of a stop.
func (p *Pool[J]) Wait() error {
	for _, queue := range p.queues {
		close(queue)
	}
	p.wg.Wait()
	if p.err == nil && p.left.Load() {
		return ErrInterrupted
	}
	return p.err
}

// Halt lets nothing more be begun; the first err that it is told is what Wait returns.
func (p *Pool[J]) Halt(err error) {
	p.once.Do(func() {
		p.err = err
		close(p.halted)
	})
}

func (p *Pool[J]) ended() bool {
	select {
	case <-p.halted:
		return true
	case <-p.stop:
		return true
	default:
		return false
	}
}

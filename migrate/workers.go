package migrate

import (
	"errors"
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// errHalted is what submit returns when nothing more is to be done; the reason is what wait returns.
var errHalted = errors.New("halted")

// workerPool is a set of workers. All jobs of one customer go to the same worker, so that there are never two writes
// for one customer at the same time.
type workerPool[J any] struct {
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

// newWorkerPool starts n workers. One whose job returns an error halts the pool; a stop lets each finish its job.
func newWorkerPool[J any](n int, seed maphash.Seed, stop <-chan struct{}, do func(J) error) *workerPool[J] {
	p := &workerPool[J]{queues: make([]chan J, n), seed: seed, stop: stop, halted: make(chan struct{})}
	for i := range p.queues {
		p.queues[i] = make(chan J, queueLength)
		p.wg.Go(func() {
			for job := range p.queues[i] {
				if p.ended() {
					p.left.Store(true)
					continue
				}
				if err := do(job); err != nil {
					p.halt(err)
				}
			}
		})
	}
	return p
}

// submit hands a job of a customer to its worker, and waits while that one is busy.
func (p *workerPool[J]) submit(customer string, job J) error {
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

// wait waits for the jobs under way. It returns what halted the pool, if anything did, and ErrInterrupted when jobs
// were not done because of a stop.
func (p *workerPool[J]) wait() error {
	for _, queue := range p.queues {
		close(queue)
	}
	p.wg.Wait()
	if p.err == nil && p.left.Load() {
		return ErrInterrupted
	}
	return p.err
}

func (p *workerPool[J]) halt(err error) {
	p.once.Do(func() {
		p.err = err
		close(p.halted)
	})
}

func (p *workerPool[J]) ended() bool {
	select {
	case <-p.halted:
		return true
	case <-p.stop:
		return true
	default:
		return false
	}
}

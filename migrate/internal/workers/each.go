package workers

import "sync"

// Each deals with jobs on n workers: those with the same key one after the other, in their order. Unlike in a Pool, a key is
// not tied to a worker, so that none waits while there is a key whose turn has come. It returns when all were done, with the
// first error of a job, behind which nothing more is begun, or with ErrInterrupted when a stop has kept jobs from being done.
func Each[J any](n int, stop <-chan struct{}, jobs []J, key func(J) string, do func(J) error) error {
	if len(jobs) == 0 {
		return nil
	}
	l := &lines[J]{queues: map[string][]J{}, ready: make(chan string, len(jobs)), left: len(jobs), halted: make(chan struct{})}
	for _, job := range jobs {
		k := key(job)
		if l.queues[k] == nil {
			l.ready <- k
		}
		l.queues[k] = append(l.queues[k], job)
	}
	var wg sync.WaitGroup
	for range min(n, len(l.queues)) {
		wg.Go(func() {
			for k := range l.ready {
				if l.ended(stop) {
					l.skip(k)
					continue
				}
				job := l.first(k)
				l.finished(k, do(job))
			}
		})
	}
	wg.Wait()
	return l.err
}

// lines are the jobs of Each, by key.
type lines[J any] struct {
	mu     sync.Mutex
	queues map[string][]J
	ready  chan string // keys whose turn has come; never full, so that nobody waits to put one back
	left   int         // jobs that are neither done nor skipped; ready is closed when there are none
	halted chan struct{}
	failed bool // a job has
	err    error
}

func (l *lines[J]) ended(stop <-chan struct{}) bool {
	select {
	case <-l.halted:
		return true
	case <-stop:
		return true
	default:
		return false
	}
}

// first returns the next job of a key.
func (l *lines[J]) first(k string) J {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.queues[k][0]
}

// skip leaves out what a key still has.
func (l *lines[J]) skip(k string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.err = ErrInterrupted
	}
	l.count(len(l.queues[k]))
}

// finished counts the job of a key that was done, and gives the key back when it has more.
func (l *lines[J]) finished(k string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil && !l.failed {
		l.failed, l.err = true, err
		close(l.halted)
	}
	l.queues[k] = l.queues[k][1:]
	if len(l.queues[k]) > 0 {
		l.ready <- k
	}
	l.count(1)
}

// count takes away jobs from those that are left.
func (l *lines[J]) count(n int) {
	if l.left -= n; l.left == 0 {
		close(l.ready)
	}
}

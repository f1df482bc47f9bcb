package workers

import "sync"

// Each deals with jobs on n workers: those with the same key one after the other, in their order. Unlike in a Pool, a key is
// not tied to a worker, so that none waits while there is a key whose turn has come. It returns when all were done, with the
// first error of a job, behind which nothing more is begun, or with ErrInterrupted when a stop has kept jobs from being done.
func Each[J any](n int, stop <-chan struct{}, jobs []J, key func(J) string, do func(J) error) error {
	queues := map[string][]J{}
	ready := make(chan string, len(jobs)) // never full, so that nobody waits to put a key back
	for _, job := range jobs {
		k := key(job)
		if queues[k] == nil {
			ready <- k
		}
		queues[k] = append(queues[k], job)
	}
	var mu sync.Mutex
	var failure error
	failed := false // a job has
	left := len(jobs)
	if left == 0 {
		return nil
	}
	halted := make(chan struct{})
	ended := func() bool {
		select {
		case <-halted:
			return true
		case <-stop:
			return true
		default:
			return false
		}
	}
	var wg sync.WaitGroup
	for range min(n, len(queues)) {
		wg.Go(func() {
			for k := range ready {
				mu.Lock()
				job := queues[k][0]
				queues[k] = queues[k][1:]
				more := len(queues[k]) > 0
				mu.Unlock()
				var err error
				skipped := ended()
				if !skipped {
					err = do(job)
				}
				if !skipped && more { // before the last job is counted, which closes the channel
					ready <- k
				}
				mu.Lock()
				switch {
				case skipped: // with all that is behind it
					left -= 1 + len(queues[k])
					queues[k] = nil
					if failure == nil {
						failure = ErrInterrupted
					}
				case err != nil && !failed:
					failed, failure = true, err
					close(halted)
					left--
				default:
					left--
				}
				if left == 0 {
					close(ready)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return failure
}

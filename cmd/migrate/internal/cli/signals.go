package cli

import "context"

// stoppable returns a context and a stop for work that can be ended gently: the first signal closes stop, so that what
// is in flight is finished; the second cancels the context. release must be called.
func (a *app) stoppable(parent context.Context) (ctx context.Context, stop <-chan struct{}, release func()) {
	ctx, cancel := context.WithCancel(parent)
	gently, done := make(chan struct{}), make(chan struct{})
	go func() {
		if !a.signal(done) {
			return
		}
		a.say("\nStopping: what is in flight is being finished. Once more to abort; either way the same command goes on later.")
		close(gently)
		if a.signal(done) {
			cancel()
		}
	}()
	return ctx, gently, func() { close(done); cancel() }
}

// abortable returns a context that the first signal ends, for work that leaves nothing behind.
func (a *app) abortable(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(parent)
	done := make(chan struct{})
	go func() {
		if a.signal(done) {
			cancel()
		}
	}()
	return ctx, func() { close(done); cancel() }
}

// signal waits for a signal, and returns false when done comes first.
func (a *app) signal(done <-chan struct{}) bool {
	select {
	case <-a.env.Signals:
		a.signaled.Store(true)
		return true
	case <-done:
		return false
	}
}

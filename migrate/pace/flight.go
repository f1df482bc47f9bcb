package pace

import "context"

// enter waits until there is room for one more request in flight.
func (p *Pacer) enter(ctx context.Context) error {
	for {
		if p.tryEnter() {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.freed:
		}
	}
}

func (p *Pacer) tryEnter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.room > 0 && p.inFlight >= p.room {
		return false
	}
	p.inFlight++
	p.wake()
	return true
}

// leave is called with the lock held.
func (p *Pacer) leave() {
	p.inFlight--
	p.wake()
}

// wake lets one waiter look again; when there is room for more, that one wakes the next.
func (p *Pacer) wake() {
	if p.room > 0 && p.inFlight >= p.room {
		return
	}
	select {
	case p.freed <- struct{}{}:
	default:
	}
}

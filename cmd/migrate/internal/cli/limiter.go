package cli

import (
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger/postgres"
	"github.com/subferry/subferry/migrate/pace"
)

// usageLimit is the limit that Stripe has for events of usage, beside that for all other requests.
const usageLimit = "usage"

// limiter returns what requests to an account leave by: this process finds out its limit by itself, or together with all that
// share the ledger, once identified has been told whose the key is. The search begins at first requests a second.
func (s *session) limiter(first float64) (l pace.Limiter, identified func(migrate.Account)) {
	if _, ok := s.shared(); !ok {
		return pace.NewFrom(s.clock, first, s.flags.maxRate), nil
	}
	late := pace.NewLate(s.clock)
	return late, func(a migrate.Account) { late.Bind(func() pace.Limiter { return s.limiterOf(a, "", first) }) }
}

// limiterOf is limiter for one of the limits of an account that is known.
func (s *session) limiterOf(a migrate.Account, limit string, first float64) pace.Limiter {
	if store, ok := s.shared(); ok {
		return store.Limiter(s.clock, pace.Account{ID: a.ID, Livemode: a.Livemode, Limit: limit}, first, s.flags.maxRate)
	}
	return pace.NewFrom(s.clock, first, s.flags.maxRate)
}

// customers returns what keeps processes that share the ledger from changing the same customer at once; nil is nothing.
func (s *session) customers() migrate.CustomerLocker {
	if store, ok := s.shared(); ok {
		return store
	}
	return nil
}

// shared returns the ledger when several machines may work with it, in an account that they all reach: an embedded sandbox is
// this process's own.
func (s *session) shared() (*postgres.Store, bool) {
	store, ok := s.ledger.(*postgres.Store)
	return store, ok && s.target.place != embedded
}

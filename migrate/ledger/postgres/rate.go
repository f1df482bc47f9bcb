package postgres

import "github.com/subferry/subferry/migrate/pace"

// Limiter returns what all processes with this database share the rate of an account by. max is the most requests a second
// that this process is to see sent by all of them; 0 is no limit but the account's.
func (s *Store) Limiter(clock pace.Clock, of pace.Account, max float64) pace.Limiter {
	return pace.New(clock, max)
}

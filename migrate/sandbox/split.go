package sandbox

import (
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// Split returns n sandboxes in memory, each with the account, the clock and the catalog of this one and with some of
// its customers. Customers have nothing in common but the catalog, so that what happens in the parts is what would have
// happened here, but for the IDs of what is created. part says which part a customer belongs to, from 0 to n-1, and is
// negative for one that is not wanted.
//
// It returns this sandbox alone when it cannot be divided: when it is kept in a directory, sends webhooks or limits
// requests, when anything but customers and catalog exists, and when a coupon may be used only so many times. The
// caller closes the parts.
func (s *Server) Split(n int, part func(customer string) int) (parts []*Server, err error) {
	err = s.store.Do(func() error {
		if n > 1 && s.sender == nil && s.opts.Limits == (Limits{}) {
			for _, one := range s.store.Split(n, part) {
				parts = append(parts, &Server{opts: s.opts, routes: s.routes, store: one, inFlight: map[store.Fingerprint]bool{}, limiter: limiter{}})
			}
		}
		if parts == nil {
			parts = []*Server{s}
		}
		return nil
	})
	return parts, err
}

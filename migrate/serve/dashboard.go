package serve

import (
	"context"
	"errors"
	"slices"

	"github.com/subferry/subferry/migrate/serve/access"
	"github.com/subferry/subferry/migrate/serve/app"
	"github.com/subferry/subferry/migrate/serve/store"
)

// Dashboard adds the Stripe App's endpoints to the server: /app/ without cookies, and, with c.Provider, /oauth/,
// through which people connect accounts. What is canceled there is canceled by the same step as on the page. It is
// called before Handler; of c, Secrets, Provider and StripeRoles are the caller's.
func (s *Server) Dashboard(c app.Config) {
	c.Store, c.Clock, c.Log, c.Progress = s.Store, s.Clock, s.Log, s.Engine.Progress
	c.Cancel = func(ctx context.Context, m store.Move, by access.Person, detail map[string]any) (store.Move, error) {
		all := steps()
		cancel := all[slices.IndexFunc(all, func(one step) bool { return one.name == "cancel" })]
		after, err := s.takeStep(access.With(ctx, by), cancel, m, typed{"sure": {"yes"}}, detail) // confirmed in the Dashboard
		if err == nil {
			s.wake(ctx, m.ID)
			return after, nil
		}
		if f := (*fault)(nil); errors.As(err, &f) {
			return m, &app.Refusal{Status: f.status, Code: f.code, Message: f.Error(), Fix: f.fix}
		}
		return m, err
	}
	s.App = app.New(c)
	if c.Provider != nil {
		s.OAuth = c.Provider.Pages()
	}
}

package serve

import (
	"context"
	"errors"
	"net/http"

	"github.com/subferry/subferry/migrate/serve/access"
	"github.com/subferry/subferry/migrate/serve/app"
	"github.com/subferry/subferry/migrate/serve/store"
)

// Dashboard adds the Stripe App's endpoints to the server: /app/ without cookies, and, with c.Provider, /oauth/,
// through which people connect accounts. What is canceled there is canceled by the same step as on the page. It is
// called before Handler; of c, Secrets, Provider and StripeRoles are the caller's.
func (s *Server) Dashboard(c app.Config) {
	c.Store, c.Clock, c.Log, c.Progress = s.Store, s.Clock, s.Log, s.Engine.Progress
	c.Cancel = func(ctx context.Context, m store.Move, by access.Person) (store.Move, error) {
		for _, taken := range steps() {
			if taken.name == "cancel" {
				return s.cancelFor(access.With(ctx, by), taken, m)
			}
		}
		return m, errors.New("there is no step to cancel")
	}
	s.App = app.New(c)
	if c.Provider != nil {
		s.OAuth = c.Provider.Pages()
	}
}

// cancelFor takes the step for somebody who has confirmed it in the Dashboard.
func (s *Server) cancelFor(ctx context.Context, cancel step, m store.Move) (store.Move, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "/app/cancel", nil)
	if err != nil {
		return m, err
	}
	after, err := s.takeStep(r, cancel, m, typed{"sure": {"yes"}})
	if err == nil {
		return after, s.wake(ctx, m.ID)
	}
	if f := (*fault)(nil); errors.As(err, &f) {
		return m, &app.Refusal{Status: f.status, Code: f.code, Message: f.Error(), Fix: f.fix}
	}
	return m, err
}

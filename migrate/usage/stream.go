package usage

import (
	"context"
	"errors"
	"time"

	"github.com/subferry/subferry/migrate"
)

// renewBefore is how long before its end a session is replaced.
const renewBefore = time.Minute

// stream sends a batch in the present session, or in a new one when Stripe says that it has ended.
func (r *run) stream(ctx context.Context, batch []Message) (string, error) {
	refused := ""
	for n := 1; ; n++ {
		s, err := r.sessionAt(ctx, refused)
		if err != nil {
			return "", err
		}
		id, err := r.Gateway.StreamUsage(ctx, s, batch)
		var failure *migrate.StripeError
		if !errors.As(err, &failure) || failure.Status != 401 || n == tries {
			return id, err
		}
		refused = s.Token()
	}
}

// sessionAt returns the session to send in, and begins one when there is none, when it ends soon, or when its token is the
// one that was not accepted.
func (r *run) sessionAt(ctx context.Context, refused string) (Session, error) {
	r.renewal.Lock()
	defer r.renewal.Unlock()
	s := r.session
	if s.Token != nil && s.Token() != refused && r.Clock.Now().Add(renewBefore).Before(s.Expires) {
		return s, nil
	}
	s, err := migrate.Ask(ctx, r.Lookups(), func() (Session, error) { return r.Gateway.StreamSession(ctx) })
	if err == nil {
		r.session = s
	}
	return s, err
}

// Lookups sends requests beside the events, until the run is told to stop.
func (r *run) Lookups() migrate.Sender { return r.Migrator.Until(r.options.Stop) }

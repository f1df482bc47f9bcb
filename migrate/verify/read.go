package verify

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/internal/standing"
)

// Reader reads from an account. *gateway.Gateway is one. Its errors are *migrate.StripeError.
type Reader interface {
	Read(ctx context.Context, path string, query url.Values) (json.RawMessage, error)
}

// Party is one side of a verification: an account, and the Migrator at whose pace it is asked.
type Party struct {
	Migrator *migrate.Migrator
	Reader   Reader
}

// ask sends one request that only reads, and again until it was answered.
func (p Party) ask(ctx context.Context, path string, query url.Values) (json.RawMessage, error) {
	return migrate.Ask(ctx, p.Migrator.Until(nil), func() (json.RawMessage, error) { return p.Reader.Read(ctx, path, query) })
}

// account is what reads from it.
func (p Party) account() standing.Account {
	return standing.Account{Reader: p.Reader, Sender: p.Migrator.Until(nil)}
}

// skew is by how much Stripe's clock may differ from ours.
const skew = 5 * time.Minute

// span is the earliest and the latest moment at which objects were created; the zero span is not known.
type span struct{ since, until csvspec.Timestamp }

// extend makes a span reach from a moment to another one.
func (s *span) extend(from, to csvspec.Timestamp) {
	if s.since.IsBlank() || from < s.since {
		s.since = from
	}
	s.until = max(s.until, to)
}

// of adds the span to the filter of a list.
func (s span) of(filter url.Values) url.Values {
	if !s.since.IsBlank() {
		filter.Set("created[gte]", strconv.FormatInt(s.since.Time().Add(-skew).Unix(), 10))
	}
	if !s.until.IsBlank() {
		filter.Set("created[lte]", strconv.FormatInt(s.until.Time().Add(skew).Unix(), 10))
	}
	return filter
}

func subscriptionID(s *subscriptionObject) string { return s.ID }

package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
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
	return migrate.Ask(ctx, p.Migrator, func() (json.RawMessage, error) { return p.Reader.Read(ctx, path, query) })
}

// few is up to how many objects are asked for one by one: a list is no better.
const few = 3

// skew is by how much Stripe's clock may differ from ours.
const skew = 5 * time.Minute

// objects is a kind of objects, and how they are read.
type objects struct {
	path   string
	expand []string          // what an object shows only when asked
	filter map[string]string // of the list
	since  csvspec.Timestamp // the earliest and the latest moment at which the objects were created; blank is not known
	until  csvspec.Timestamp
}

// fetch returns the objects with these IDs: those that are gone are absent. It walks the list until as many pages held
// none of them as there are left to find, and asks for those one by one. Stripe's lists leave out what belongs to test
// clocks.
func fetch[T any](ctx context.Context, p Party, o objects, ids map[string]bool, id func(*T) string) (map[string]*T, error) {
	found, wanted := make(map[string]*T, len(ids)), maps.Clone(ids)
	if len(wanted) > few {
		if err := walk(ctx, p, o, wanted, found, id); err != nil {
			return nil, err
		}
	}
	query := url.Values{}
	for _, field := range o.expand {
		query.Add("expand[]", field)
	}
	for _, one := range slices.Sorted(maps.Keys(wanted)) {
		raw, err := p.ask(ctx, o.path+"/"+url.PathEscape(one), query)
		var failure *migrate.StripeError
		if errors.As(err, &failure) && failure.Code == "resource_missing" {
			continue
		}
		if err != nil {
			return nil, err
		}
		object := new(T)
		if err := json.Unmarshal(raw, object); err != nil {
			return nil, fmt.Errorf("%s %s: Stripe's answer cannot be read: %w", o.path, one, err)
		}
		found[one] = object
	}
	return found, nil
}

// walk moves objects from wanted to found, page by page.
func walk[T any](ctx context.Context, p Party, o objects, wanted map[string]bool, found map[string]*T, id func(*T) string) error {
	query := url.Values{"limit": {"100"}}
	for name, value := range o.filter {
		query.Set(name, value)
	}
	for _, field := range o.expand {
		query.Add("expand[]", "data."+field)
	}
	if !o.since.IsBlank() {
		query.Set("created[gte]", strconv.FormatInt(o.since.Time().Add(-skew).Unix(), 10))
	}
	if !o.until.IsBlank() {
		query.Set("created[lte]", strconv.FormatInt(o.until.Time().Add(skew).Unix(), 10))
	}
	for wasted := 0; len(wanted) > 0 && wasted < len(wanted); {
		raw, err := p.ask(ctx, o.path, query)
		if err != nil {
			return err
		}
		var page struct {
			Data []*T `json:"data"`
			More bool `json:"has_more"`
		}
		if err := json.Unmarshal(raw, &page); err != nil {
			return fmt.Errorf("%s: Stripe's answer cannot be read: %w", o.path, err)
		}
		before := len(wanted)
		for _, object := range page.Data {
			if wanted[id(object)] {
				found[id(object)] = object
				delete(wanted, id(object))
			}
		}
		if !page.More || len(page.Data) == 0 {
			return nil
		}
		if len(wanted) == before {
			wasted++
		}
		query.Set("starting_after", id(page.Data[len(page.Data)-1]))
	}
	return nil
}

func scheduleID(s *scheduleObject) string         { return s.ID }
func subscriptionID(s *subscriptionObject) string { return s.ID }

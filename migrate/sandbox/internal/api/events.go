package api

import (
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

var eventRoutes = map[string]handler{
	"GET /v1/events":      listEvents,
	"GET /v1/events/{id}": retrieveEvent,
}

func listEvents(c *call) (any, error) {
	types := texts(c.params, "types")
	if c.params.Has("type") {
		types = append(types, c.params.String("type"))
	}
	return page(c, c.tx.Store.AllEvents(), "event", "", func(e *store.Event) bool {
		return within(c.params, "created", e.Created) && (len(types) == 0 || slices.ContainsFunc(types, e.HasType))
	})
}

func retrieveEvent(c *call) (any, error) {
	if e := c.tx.Store.AllEvents().Get(c.id); e != nil {
		return e, nil
	}
	return nil, apierr.NoSuch("event", c.id, "id").NotFound()
}

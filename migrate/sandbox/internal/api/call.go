// Package api is the endpoints of the sandbox: they read the parameters, refuse as Stripe does, and answer. What is billed
// is the engine's. A new endpoint is a handler and an entry in the routes of its resource's file, and its parameters in
// params/; a new resource is also named in NewRoutes.
package api

import (
	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// call is one request while it executes.
type call struct {
	tx     *store.Tx
	id     string // the ID in the path
	path   string
	params *form.Node
}

// lookup finds the object an ID names, or says as Stripe does that there is none. noun is Stripe's word for the kind;
// param is the parameter blamed.
func lookup[O any](c *call, v *store.View[O], noun, id, param string) (*O, error) {
	if o := v.Get(id); o != nil {
		return o, nil
	}
	return nil, c.noSuch(noun, id, param)
}

func (c *call) noSuch(noun, id, param string) *apierr.Error {
	if c.tx.Store.Live.Get(id) != nil {
		return apierr.OtherMode(noun, id, param)
	}
	return apierr.NoSuch(noun, id, param)
}

// retrieved is lookup for the ID in the path, which answers 404.
func retrieved[O any](c *call, v *store.View[O], noun, param string) (*O, error) {
	if o := v.Get(c.id); o != nil {
		return o, nil
	}
	return nil, c.noSuch(noun, c.id, param).NotFound()
}

// deletion is the answer to a delete.
func deletion(kind, id string) *object.Deleted {
	return &object.Deleted{ID: id, Object: kind, Deleted: true}
}

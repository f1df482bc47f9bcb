package api

import (
	"math"
	"strconv"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

const (
	pageDefault = 10
	pageMost    = 100
)

// page answers a list request: the objects keep accepts, newest first, from the cursor on. owner limits it to one
// customer's objects when not empty.
func page[O any](c *call, t *store.Table[O], noun, owner string, keep func(*O) bool) (any, error) {
	limit := c.params.IntOr("limit", pageDefault)
	if limit < 1 {
		return nil, apierr.Coded("parameter_invalid_integer", "limit", "This value must be greater than or equal to 1.")
	}
	if limit > pageMost {
		return nil, apierr.Coded("parameter_invalid_integer", "limit", "This value must be less than or equal to %d.", pageMost)
	}
	answer := object.List[*O]{Object: "list", URL: c.path}
	q := store.Query[O]{Owner: owner, After: c.params.String("starting_after"), Before: c.params.String("ending_before"), Limit: int(limit), Keep: keep}
	q.Timed = c.params.Has("created")
	q.Since, q.Until = bounds(c.params, "created")
	param, id := "starting_after", q.After
	if q.Before != "" {
		param, id = "ending_before", q.Before
	}
	var ok bool
	if answer.Data, answer.HasMore, ok = t.Page(q); !ok {
		return nil, apierr.NoSuch(noun, id, param)
	}
	return &answer, nil
}

// bounds are the times, both included, that can pass a range filter.
func bounds(params *form.Node, name string) (since, until int64) {
	since, until = math.MinInt64, math.MaxInt64
	filter := params.Get(name)
	if filter == nil {
		return since, until
	}
	if len(filter.Fields) == 0 {
		if at, err := strconv.ParseInt(filter.Text, 10, 64); err == nil {
			return at, at
		}
		return since, until
	}
	for _, f := range filter.Fields {
		bound, err := strconv.ParseInt(f.Text, 10, 64)
		switch {
		case err != nil:
		case f.Name == "gt" || f.Name == "gte":
			since = max(since, bound)
		default:
			until = min(until, bound)
		}
	}
	return since, until
}

// within tells whether a time passes a range filter such as created[gte]. Zero is no time and passes only when there is
// no filter.
func within(params *form.Node, name string, at int64) bool {
	filter := params.Get(name)
	if filter == nil {
		return true
	}
	if len(filter.Fields) == 0 {
		return strconv.FormatInt(at, 10) == filter.Text
	}
	if at == 0 {
		return false
	}
	for _, f := range filter.Fields {
		bound, err := strconv.ParseInt(f.Text, 10, 64)
		if err != nil || !compare(at, f.Name, bound) {
			return false
		}
	}
	return true
}

func compare(at int64, operator string, bound int64) bool {
	switch operator {
	case "gt":
		return at > bound
	case "gte":
		return at >= bound
	case "lt":
		return at < bound
	default:
		return at <= bound
	}
}

// same tells whether a filter is absent or equals the value.
func same(params *form.Node, name, value string) bool {
	return !params.Has(name) || params.String(name) == value
}

// sameBool is same for truth values.
func sameBool(params *form.Node, name string, value bool) bool {
	return !params.Has(name) || params.Bool(name) == value
}

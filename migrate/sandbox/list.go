package sandbox

import (
	"math"
	"slices"
	"strconv"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

const (
	pageDefault = 10
	pageMost    = 100
)

// page answers a list request: the objects keep accepts, newest first, from
// the cursor on. owner limits it to one customer's objects when not empty.
func page[O any](c *call, t *table[O], noun, owner string, keep func(*O) bool) (any, error) {
	limit := c.params.IntOr("limit", pageDefault)
	if limit < 1 {
		return nil, apierr.Coded("parameter_invalid_integer", "limit", "This value must be greater than or equal to 1.")
	}
	if limit > pageMost {
		return nil, apierr.Coded("parameter_invalid_integer", "limit", "This value must be less than or equal to %d.", pageMost)
	}
	rows := t.positions(owner)
	answer := object.List[*O]{Object: "list", URL: c.path}
	var err error
	if c.params.Has("ending_before") {
		answer.Data, answer.HasMore, err = newer(c, t, rows, noun, int(limit), keep)
	} else {
		answer.Data, answer.HasMore, err = older(c, t, rows, noun, int(limit), keep)
	}
	if err != nil {
		return nil, err
	}
	return &answer, nil
}

// rows are the positions to walk, oldest first: all, or one customer's.
type rows struct {
	all   int
	owned []int32
	some  bool
}

func (t *table[O]) positions(owner string) rows {
	if owner == "" {
		return rows{all: len(t.rows)}
	}
	t.readOwner(owner)
	return rows{owned: t.owned[owner], some: true}
}

func (r rows) len() int {
	if r.some {
		return len(r.owned)
	}
	return r.all
}

func (r rows) at(i int) int32 {
	if r.some {
		return r.owned[i]
	}
	return int32(i)
}

// find returns where a position stands among the rows.
func (r rows) find(position int32) (int, bool) {
	if r.some {
		return slices.BinarySearch(r.owned, position)
	}
	return int(position), true
}

func older[O any](c *call, t *table[O], r rows, noun string, limit int, keep func(*O) bool) ([]*O, bool, error) {
	from, err := cursor(c, t, r, noun, "starting_after", r.len())
	if err != nil {
		return nil, false, err
	}
	var found []*O
	read := t.reading(c.params, limit, false)
	for i := from - 1; i >= 0; i-- {
		if o := read.at(r.at(i)); o != nil && keep(o) {
			if len(found) == limit {
				return found, true, nil
			}
			found = append(found, o)
		}
	}
	return found, false, nil
}

func newer[O any](c *call, t *table[O], r rows, noun string, limit int, keep func(*O) bool) ([]*O, bool, error) {
	from, err := cursor(c, t, r, noun, "ending_before", -1)
	if err != nil {
		return nil, false, err
	}
	var found []*O
	more := false
	read := t.reading(c.params, limit, true)
	for i := from + 1; i < r.len() && !more; i++ {
		if o := read.at(r.at(i)); o != nil && keep(o) {
			if more = len(found) == limit; !more {
				found = append(found, o)
			}
		}
	}
	slices.Reverse(found)
	return found, more, nil
}

// cursor is the row of the object a pagination parameter names.
func cursor[O any](c *call, t *table[O], r rows, noun, param string, none int) (int, error) {
	id := c.params.String(param)
	if id == "" {
		return none, nil
	}
	position, ok := t.find(id)
	if ok {
		var at int
		if at, ok = r.find(position); ok {
			return at, nil
		}
	}
	return 0, apierr.NoSuch(noun, id, param)
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

// within tells whether a time passes a range filter such as created[gte].
// Zero is no time and passes only when there is no filter.
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

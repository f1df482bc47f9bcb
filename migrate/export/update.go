package export

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/subferry/subferry/migrate"
)

// changes are the objects that events name, read once for all kinds of a run.
type changes struct {
	once  sync.Once
	named map[string]map[string]told // by the field object, then by ID
	err   error
}

// told is the newest event of an object.
type told struct {
	Type string
	At   Moment
}

// update brings a kind's file up to date: what a full export would give, with fewer requests. Where no event tells of
// changes, or where it takes no more requests, everything is read again.
func (x *exporting) update(ctx context.Context, k Kind, before *Result) (Result, error) {
	name := filepath.Join(x.opts.Dir, before.File)
	if why := x.mustReread(ctx, k, before); why != "" {
		return x.reread(ctx, k, before, why)
	}
	border := int64(before.Settled)
	changed := map[string]told{}
	for id, e := range x.events.named[k.Object] {
		changed[id] = e
	}
	s, err := x.collect(ctx, k, Span{max(border, int64(x.manifest.Run.Since)), int64(x.manifest.Run.Until)})
	if err != nil {
		return s.partly(x.result(k)), err
	}
	current, err := x.current(ctx, k, name, changed, border)
	if err != nil {
		return s.partly(x.result(k)), errors.Join(err, s.store.close())
	}
	r, err := s.tell(x.result(k))
	if err != nil {
		return r, err
	}
	fresh := r.Objects
	r.Ranges = append(rangesBefore(before.Ranges, border), r.Ranges...)
	kept, gone, again := 0, []deletedObject(nil), map[string]uint64{}
	err = x.save(&r, k, func(w io.Writer) error {
		if err := s.writeTo(w); err != nil {
			return err
		}
		return eachOld(name, k, func(o object) error {
			if o.at >= border {
				again[o.id] = sumOf(o.raw)
				return nil
			}
			line := o.raw
			if now, ok := current[o.id]; ok {
				if line = now; line == nil {
					gone = append(gone, deletedObject{o.id, changed[o.id]})
					forget(r.Ranges, o.at)
					return nil
				}
				r.Changed++
			}
			kept++
			_, err := w.Write(append(line, '\n'))
			return err
		})
	})
	r.Objects, r.Added = fresh+kept, fresh
	if err == nil && len(again) > 0 {
		err = r.compareOverlap(again, func(visit func(object) error) error { return eachOld(name, k, visit) })
		for _, id := range slices.Sorted(maps.Keys(again)) {
			gone = append(gone, deletedObject{id, changed[id]})
		}
	}
	if err == nil {
		err = x.noteDeleted(&r, before, gone)
	}
	return r, errors.Join(err, s.store.remove())
}

// compareOverlap counts what has changed of the minutes that were read once more, and leaves in again what is not there
// any more.
func (r *Result) compareOverlap(again map[string]uint64, each func(func(object) error) error) error {
	return each(func(o object) error {
		if before, ok := again[o.id]; ok {
			r.Added--
			if before != sumOf(o.raw) {
				r.Changed++
			}
		}
		delete(again, o.id)
		return nil
	})
}

// mustReread says why a kind has to be read as a whole, "" when it has not.
func (x *exporting) mustReread(ctx context.Context, k Kind, before *Result) string {
	age := int64(x.manifest.Run.Began - before.AsOf)
	switch {
	case k.Changes == Reread:
		return "no event tells of every change of " + k.Name
	case before.Since != x.manifest.Run.Since:
		return "it begins at another time than before"
	case before.Whole:
		return "the server does not filter by time of creation"
	case k.Changes == Never:
		return ""
	case age > eventsReach:
		return fmt.Sprintf("it is %d days old, and events reach back 30 days", age/86400)
	}
	x.events.once.Do(func() { x.events.named, x.events.err = x.readEvents(ctx) })
	switch {
	case x.events.err != nil:
		return fmt.Sprintf("the events could not be read (%v)", x.events.err)
	case len(x.events.named[k.Object]) > max(20, before.Objects/pageSize):
		return "so many objects have changed that reading all takes fewer requests"
	}
	return ""
}

// sumOf tells two versions of an object apart, for counting what has changed.
func sumOf(raw []byte) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(raw) // never fails
	return h.Sum64()
}

// reread reads everything, and notes what is gone since.
func (x *exporting) reread(ctx context.Context, k Kind, before *Result, why string) (Result, error) {
	name := filepath.Join(x.opts.Dir, before.File)
	old := map[string]uint64{}
	if err := eachOld(name, k, func(o object) error { old[o.id] = sumOf(o.raw); return nil }); err != nil {
		return Result{}, err
	}
	r, err := x.full(ctx, k, why)
	if err != nil {
		return r, err
	}
	err = eachOld(name, k, func(o object) error {
		if sum, ok := old[o.id]; !ok {
			r.Added++
		} else if sum != sumOf(o.raw) {
			r.Changed++
		}
		delete(old, o.id)
		return nil
	})
	var gone []deletedObject
	if before.Since == r.Since {
		for id := range old {
			gone = append(gone, deletedObject{ID: id})
		}
	}
	slices.SortFunc(gone, func(a, b deletedObject) int { return bytes.Compare([]byte(a.ID), []byte(b.ID)) })
	if err == nil {
		err = x.noteDeleted(&r, before, gone)
	}
	return r, err
}

// readEvents returns the objects that events name since the oldest kind of the directory was read. Events are in the
// API version of their time: only IDs are taken from them.
func (x *exporting) readEvents(ctx context.Context) (map[string]map[string]told, error) {
	x.mu.Lock() // other kinds may be finished meanwhile
	since := x.manifest.Run.Began
	for _, r := range x.manifest.Kinds {
		if r.AsOf > 0 && int64(x.manifest.Run.Began-r.AsOf) <= eventsReach {
			since = min(since, r.AsOf)
		}
	}
	x.mu.Unlock()
	kind := eventsKind()
	named := map[string]map[string]told{}
	note := func(object, id string, e told) {
		if id == "" {
			return
		}
		if named[object] == nil {
			named[object] = map[string]told{}
		}
		if named[object][id].At <= e.At {
			named[object][id] = e
		}
	}
	cursor, span := "", Span{int64(since) - overlap, 0}
	for more := true; more; {
		raw, err := x.client.get(ctx, kind.Path, kind.query(span, cursor))
		if err != nil {
			return nil, err
		}
		got, err := readPage(kind, raw)
		if err != nil {
			return nil, err
		}
		for _, o := range got.objects {
			cursor = o.id
			noteEvent(o.raw, note)
		}
		if more = got.more; more && len(got.objects) == 0 {
			return nil, fmt.Errorf("the list of events ended in its middle, behind %s", cursor)
		}
	}
	return named, nil
}

// noteEvent notes the object of an event, and those that it changes without an event of their own.
func noteEvent(raw []byte, note func(object, id string, e told)) {
	var event struct {
		Type    string `json:"type"`
		Created Moment `json:"-"`
		At      int64  `json:"created"`
		Data    struct {
			Object struct {
				ID           string          `json:"id"`
				Object       string          `json:"object"`
				Customer     json.RawMessage `json:"customer"`
				Subscription json.RawMessage `json:"subscription"`
				Charge       json.RawMessage `json:"charge"`
			} `json:"object"`
		} `json:"data"`
	}
	if json.Unmarshal(raw, &event) != nil {
		return // an event of a shape that names no object
	}
	e, o := told{event.Type, Moment(event.At)}, event.Data.Object
	note(o.Object, o.ID, e)
	switch o.Object {
	case "discount":
		note("customer", idOf(o.Customer), e)
		note("subscription", idOf(o.Subscription), e)
	case "dispute", "refund":
		note("charge", idOf(o.Charge), e)
	}
}

// idOf returns the ID of a reference, which may be expanded.
func idOf(raw json.RawMessage) string {
	var id string
	if json.Unmarshal(raw, &id) == nil {
		return id
	}
	var object struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(raw, &object) // null and anything else names nothing
	return object.ID
}

// current returns the objects of the file that have changed, as they are now; nil for those that are gone.
func (x *exporting) current(ctx context.Context, k Kind, name string, changed map[string]told, border int64) (map[string][]byte, error) {
	var ids []string
	err := eachOld(name, k, func(o object) error {
		if _, ok := changed[o.id]; ok && o.at < border {
			ids = append(ids, o.id)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	found, nested := map[string][]byte{}, &nestedLists{client: x.client}
	var mu sync.Mutex
	err = inParallel(ctx, ids, func(ctx context.Context, id string) error {
		line, err := x.client.object(ctx, k, id, nil)
		if err == nil && line != nil {
			line, err = nested.complete(ctx, line)
		}
		mu.Lock()
		defer mu.Unlock()
		found[id] = line
		return err
	})
	return found, err
}

// object returns one object in one line, nil when it is deleted.
func (c *client) object(ctx context.Context, k Kind, id string, query url.Values) ([]byte, error) {
	raw, err := c.get(ctx, k.Path+"/"+url.PathEscape(id), query)
	if failure := (*migrate.StripeError)(nil); errors.As(err, &failure) && failure.Status == http.StatusNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var head struct {
		Deleted bool `json:"deleted"`
	}
	var line bytes.Buffer
	if err := errors.Join(json.Unmarshal(raw, &head), json.Compact(&line, raw)); err != nil || head.Deleted {
		return nil, err
	}
	return line.Bytes(), nil
}

// inParallel does something for each ID, as many at once as the pacer lets through.
func inParallel(ctx context.Context, ids []string, do func(context.Context, string) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	queue := make(chan string, len(ids))
	for _, id := range ids {
		queue <- id
	}
	close(queue)
	var workers sync.WaitGroup
	var mu sync.Mutex
	var failed error
	for range min(mostWorkers, len(ids)) {
		workers.Go(func() {
			for id := range queue {
				if err := do(ctx, id); err != nil {
					mu.Lock()
					defer mu.Unlock()
					if failed == nil {
						failed = fmt.Errorf("%s: %w", id, err)
					}
					cancel()
					return
				}
			}
		})
	}
	workers.Wait()
	return failed
}

// eachOld visits the objects of a kind's file.
func eachOld(name string, k Kind, visit func(object) error) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := eachLine(f, k, visit); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// rangesBefore returns the ranges before a border. One that it cuts has fewer objects, which the caller cannot know:
// the border is the beginning of a range, because the minutes before now are a range of their own.
func rangesBefore(ranges []RangeResult, border int64) (before []RangeResult) {
	for _, r := range ranges {
		if int64(r.Until) <= border {
			before = append(before, r)
		}
	}
	return before
}

// forget takes an object that is gone off its range.
func forget(ranges []RangeResult, at int64) {
	for i := range ranges {
		if at >= int64(ranges[i].From) && at < int64(ranges[i].Until) {
			ranges[i].Objects--
		}
	}
}

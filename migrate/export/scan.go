package export

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/subferry/subferry/migrate"
)

// mostWorkers bounds the requests under way, and with them the memory: each may hold a page.
const mostWorkers = 64

// scan reads one list, in parts that are worked on at the same time.
type scan struct {
	kind    Kind
	client  *client
	store   *store
	floor   int64        // no object is older, as far as is known
	whole   bool         // one part, by its cursor, without a filter
	dynamic bool         // parts are halved while they are read
	found   func(n int)  // is told of objects that were written
	nested  *nestedLists // completes lists inside of objects

	mu     sync.Mutex
	wake   *sync.Cond
	parts  []*part
	queue  []*part
	last   *part // is read after all others: the minutes before now
	active int
	err    error
}

// errUnfiltered tells that a server brought objects of another time than it was asked for.
var errUnfiltered = errors.New("the server does not filter by time of creation")

// run reads all parts that are not done. The journal has everything that was read when it returns an error.
func (s *scan) run(ctx context.Context) error {
	s.wake = sync.NewCond(&s.mu)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { s.mu.Lock(); defer s.mu.Unlock(); s.wake.Broadcast() })
	defer stop()
	var workers sync.WaitGroup
	for range mostWorkers {
		workers.Go(func() {
			for p := s.next(ctx); p != nil; p = s.next(ctx) {
				s.finish(s.read(ctx, p), cancel)
			}
		})
	}
	workers.Wait()
	if s.err != nil {
		return s.err
	}
	return ctx.Err()
}

// next returns a part to work on, nil when there is nothing left to do. It waits while the account's pace is used up.
func (s *scan) next(ctx context.Context) *part {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ctx.Err() == nil && s.err == nil {
		switch {
		case len(s.queue) > 0 && s.active < s.client.wanted():
			p := s.queue[0]
			s.queue = s.queue[1:]
			s.active++
			return p
		case s.active == 0 && len(s.queue) == 0 && s.last == nil:
			s.wake.Broadcast()
			return nil
		case s.active == 0 && len(s.queue) == 0:
			s.queue, s.last = []*part{s.last}, nil
			continue
		case s.dynamic && len(s.queue) == 0 && s.active < s.client.wanted():
			if err := s.halve(); err != nil {
				s.err = err
			}
			if len(s.queue) > 0 || s.err != nil {
				continue
			}
		}
		s.wake.Wait()
	}
	return nil
}

// finish takes note that a worker is done with a part.
func (s *scan) finish(err error, cancel func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active--
	if err != nil && s.err == nil {
		s.err = err
		cancel()
	}
	s.wake.Broadcast()
}

// halve gives the older half of the part that has most left to a new one, if that is worth a request. The lock is held.
func (s *scan) halve() error {
	// Where answers come fast, few parts use the pace up, and a cut costs more than it brings.
	least := pageSize * min(8, max(1.5, 0.6/max(0.01, s.client.roundTrip().Seconds())))
	var most *part
	for _, p := range s.parts {
		if left := p.left(s.floor); !p.Done && left >= least {
			most, least = p, left
		}
	}
	if most == nil {
		return nil
	}
	pos := most.top()
	if most.Objects > 0 {
		pos = most.Last
	}
	low := max(most.From, s.floor)
	if pos-low < 2 {
		return nil
	}
	density := most.left(s.floor) / float64(pos-low)
	older := &part{ID: len(s.parts), Span: Span{most.From, low + (pos-low)/2}, density: density}
	most.From = older.Until
	s.parts, s.queue = append(s.parts, older), append(s.queue, older)
	return s.store.write([]*part{older, most})
}

// read reads a part to its end.
func (s *scan) read(ctx context.Context, p *part) error {
	if p.file == nil {
		if err := s.store.begin(s.kind, p); err != nil {
			return err
		}
	}
	defer func() { p.file.Close(); p.file, p.seen = nil, nil }()
	r := reading{promised: p.Cursor != ""}
	for !p.Done {
		s.mu.Lock()
		asked := Span{p.From, p.top()}
		s.mu.Unlock()
		if s.whole {
			asked = Span{}
		}
		got, err := s.page(ctx, asked, p.Cursor)
		gone := (*migrate.StripeError)(nil)
		switch {
		case errors.As(err, &gone) && p.Cursor != "" && cursorGone(gone):
		case err != nil:
			return err
		}
		if (gone != nil || r.promised && len(got.objects) == 0) && r.trouble < 2 { // not believed
			if s.whole {
				return fmt.Errorf("the list of %s ended in its middle, behind %s: run the command again", s.kind.Name, p.Cursor)
			}
			if err := s.askAgain(p, &r); err != nil {
				return err
			}
			continue
		}
		fresh, err := s.keep(p, got, asked, &r)
		got = page{}
		if err != nil {
			return err
		}
		s.found(fresh)
	}
	return nil
}

// reading is what is known while a part is read, beside what the journal has.
type reading struct {
	promised bool // the last page said that there are more objects of the part
	full     bool // and had objects of one second only
	trouble  int  // how often the promise was not kept, without a new object in between
}

// askAgain goes on without the cursor: from the second of the last object on, which is then read once more, and when
// that has brought nothing, from the second before it. A second with more objects than a page may not be complete then.
func (s *scan) askAgain(p *part, r *reading) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.trouble++
	p.Cursor, p.Top = "", p.Last+1
	if r.trouble == 2 {
		p.Top = p.Last
		if r.full {
			p.Doubt = p.Last
		}
	}
	if p.Unsorted {
		p.Top = 0
	}
	r.promised = r.trouble == 1
	return s.store.write([]*part{p})
}

// page asks for one page and completes the lists inside its objects.
func (s *scan) page(ctx context.Context, of Span, cursor string) (page, error) {
	raw, err := s.client.get(ctx, s.kind.Path, s.kind.query(of, cursor))
	if err != nil {
		return page{}, err
	}
	end := s.client.parse()
	got, err := readPage(s.kind, raw)
	end()
	if err != nil {
		return page{}, err
	}
	for i := range got.objects {
		o := &got.objects[i]
		if of.Until > 0 && !of.holds(o.at) {
			return page{}, errUnfiltered
		}
		if o.raw, err = s.nested.complete(ctx, o.raw); err != nil {
			return page{}, fmt.Errorf("%s: %w", o.id, err)
		}
	}
	return got, nil
}

// keep writes what is new of a page to the part's file, and notes how far it has come. What another part has taken over
// meanwhile is left to that.
func (s *scan) keep(p *part, got page, asked Span, r *reading) (fresh int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.wake.Broadcast()
	size := 0
	for _, o := range got.objects {
		size += len(o.raw) + 1
	}
	lines, before := make([]byte, 0, size), p.Cursor
	for _, o := range got.objects {
		if !p.holds(o.at) {
			continue
		}
		p.Unsorted = p.Unsorted || p.Last > 0 && o.at > p.Last && !p.seen[o.id]
		p.Cursor = o.id
		if p.Last == 0 || o.at < p.Last {
			p.Last = o.at
		}
		if !p.seen[o.id] {
			p.seen[o.id] = true
			lines = append(append(lines, o.raw...), '\n')
			fresh++
		}
	}
	if _, err := p.file.Write(lines); err != nil {
		return 0, err
	}
	p.Objects += fresh
	p.Bytes += int64(len(lines))
	p.Done = !got.more
	n := len(got.objects)
	if n > 0 && got.more && fresh == 0 && p.Cursor == before && asked.From == p.From {
		return 0, fmt.Errorf("the list of %s repeats itself behind %s: the server does not go on from a cursor", s.kind.Name, p.Cursor)
	}
	r.promised = got.more && (s.whole || asked.From == p.From)
	r.full = got.more && n > 1 && got.objects[0].at == got.objects[n-1].at
	if fresh > 0 {
		r.trouble = 0
	}
	return fresh, s.store.write([]*part{p})
}

// estimate returns how many objects are still to be read.
func (s *scan) estimate() (left float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.parts {
		if !p.Done {
			left += p.left(s.floor)
		}
	}
	return left
}

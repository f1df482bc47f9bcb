package validate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/xlsx"
	"github.com/subferry/subferry/validate/internal/dedupe"
)

// pass is one reading of a file.
type pass struct {
	v     *Validator
	name  string
	in    *meter
	rows  *csvspec.Reader
	file  io.Closer
	head  *headerInfo
	tally tally
	hash  dedupe.Hasher
	subs  *dedupe.Index
	refs  *dedupe.Index
	found Findings // in the header
	quota quota
	free  chan *batch
}

// workers is how many goroutines validate rows.
func workers() int { return max(1, runtime.GOMAXPROCS(0)) }

// open reads the header.
func (v *Validator) open(ctx context.Context, name string, r io.Reader) (*pass, error) {
	in := newMeter(ctx, r, v.opts.Unhashed)
	p := &pass{v: v, name: name, in: in, hash: dedupe.NewHasher(), subs: dedupe.NewIndex(), refs: dedupe.NewIndex(), free: make(chan *batch, 8)}
	p.tally.waits = make([]int, len(v.rules))
	var err error
	if p.rows, p.file, err = xlsx.Rows(p.in, v.opts.read()); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	p.head = newHeaderInfo(p.rows.Header(), v.opts.Format)
	p.found = append(Findings{}, v.checkHeader(p.rows.Header())...)
	return p, nil
}

func (p *pass) close() {
	_ = p.file.Close() // it was only read
	p.subs.Close()
	p.refs.Close()
}

// merge takes in what a worker has found in the next rows of the file.
func (p *pass) merge(b *batch) {
	p.tally.merge(&b.tally)
	p.quota.merge(b.counts)
	p.subs.Add(b.subs)
	p.refs.Add(b.refs)
	select {
	case p.free <- b:
	default: // enough of them are waiting to be used again
	}
}

// current returns how many subscriptions customers have already, as far as that is known, by the hashes of their IDs.
func (p *pass) current() map[uint64]int {
	if p.v.opts.Account == nil {
		return nil
	}
	current := map[uint64]int{}
	for id, c := range p.v.opts.Account.Customers {
		if c.Current > 0 {
			current[p.hash.Text(id)] = int(c.Current)
		}
	}
	return current
}

// report compares the rows with each other and says what the file comes to.
func (p *pass) report() (*Report, error) {
	t := &FileCheck{v: p.v, head: p.head, Notes: p.rows.Notes(), tally: &p.tally}
	var subsErr, refsErr error
	var both sync.WaitGroup
	both.Go(func() { t.byCustomer, subsErr = p.subs.FindDuplicates(maxPerCustomer, p.current()) })
	both.Go(func() { t.bySourceID, refsErr = p.refs.FindDuplicates(maxEntries, nil) })
	both.Wait()
	if err := errors.Join(subsErr, refsErr); err != nil {
		return nil, fmt.Errorf("%s: %w", p.name, err)
	}
	r := &Report{File: p.name, Template: p.rows.Header().Template().String(), Customers: t.byCustomer.Groups}
	if p.v.opts.Format != nil {
		r.Template = p.v.opts.Format.Name
	}
	r.SHA256, t.Size = p.in.sum(), p.in.size
	t.finish()
	r.Findings = append(p.found, t.findings...)
	r.Findings.Sort()
	r.Waiting = t.waiting()
	r.take(&p.tally)
	return r, nil
}

// maxEntries means that any number of rows may share a key.
const maxEntries = int(^uint(0) >> 1)

// take copies the counts.
func (r *Report) take(t *tally) {
	r.Rows, r.Valid, r.Deferred, r.Invalid = t.rows, t.states[Valid], t.states[Deferred], t.states[Invalid]
	if t.firstStart != 0 {
		first := t.firstStart.Time()
		r.FirstStart = &first
	}
}

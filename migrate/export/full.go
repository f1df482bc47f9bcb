package export

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"

	"github.com/subferry/subferry/migrate"
)

// full reads all objects of a kind and writes them to its file. why is the reason for which an incremental run does so.
func (x *exporting) full(ctx context.Context, k Kind, why string) (Result, error) {
	r := x.result(k)
	r.Again = why
	s, err := x.collect(ctx, k, x.span())
	if err != nil {
		return s.partly(r), err
	}
	if r, err = s.tell(r); err == nil {
		err = x.save(&r, k, s.writeTo)
	}
	return r, errors.Join(err, s.store.remove())
}

// collect reads what a list has of a time into parts. An interrupted one goes on.
func (x *exporting) collect(ctx context.Context, k Kind, span Span) (*scan, error) {
	run := x.manifest.Run
	want := job{Kind: k.Name, Since: span.From, Until: span.Until, Split: run.Split, Account: x.manifest.Account, Began: int64(run.Began)}
	for {
		st, before, parts, err := openStore(x.opts.Dir, k)
		if err != nil {
			return nil, err
		}
		if before != nil {
			if want.Whole = want.Whole || before.Whole; *before != want { // of a run that is over
				if err := st.remove(); err != nil {
					return nil, err
				}
				want.Whole = false
				continue
			}
		}
		s := &scan{kind: k, client: x.client, store: st, floor: x.floor, whole: want.Whole, found: x.progress,
			dynamic: x.opts.Split == Split{} && !want.Whole, nested: &nestedLists{client: x.client}}
		if before == nil {
			err = s.plan(want, x.opts.Split)
		} else {
			s.goOn(parts)
		}
		if err == nil {
			x.mu.Lock()
			x.scans = append(x.scans, s)
			x.mu.Unlock()
			x.progress(s.objects())
			err = s.run(ctx)
		}
		// A server that ignores the filter, refuses it or fails because of it is read by one cursor.
		no := (*migrate.StripeError)(nil)
		if !want.Whole && (errors.Is(err, errUnfiltered) ||
			errors.As(err, &no) && s.objects() == 0 && (no.Status == http.StatusBadRequest || no.Status == http.StatusInternalServerError)) {
			if err := st.remove(); err != nil {
				return nil, err
			}
			want.Whole = true
			continue
		}
		if err != nil {
			return s, errors.Join(err, st.close())
		}
		return s, nil
	}
}

// plan makes the parts of a span. The minutes before now are the last to be read.
func (s *scan) plan(j job, split Split) error {
	span := Span{j.Since, j.Until}
	spans := []Span{span}
	if !s.whole {
		recent := max(span.From, min(span.Until, j.Began-overlap))
		if recent > span.From && recent < span.Until {
			spans = append(split.cut(Span{span.From, recent}, s.floor), Span{recent, span.Until})
		} else {
			spans = split.cut(span, s.floor)
		}
	}
	for i, one := range spans {
		s.parts = append(s.parts, &part{ID: i, Span: one})
	}
	s.goOn(s.parts)
	return errors.Join(s.store.write(j), s.store.write(s.parts))
}

// goOn queues the parts that are not done, the newest first and the minutes before now last.
func (s *scan) goOn(parts []*part) {
	s.parts = parts
	for _, p := range slices.Backward(s.inOrder()) {
		if !p.Done {
			s.queue = append(s.queue, p)
		}
	}
	if n := len(s.queue); n > 1 && !s.whole {
		s.queue, s.last = s.queue[1:], s.queue[0]
	}
}

// inOrder returns the parts from the oldest to the newest.
func (s *scan) inOrder() []*part {
	return slices.SortedFunc(slices.Values(s.parts), func(a, b *part) int { return int(a.Until - b.Until) })
}

func (s *scan) objects() (n int) {
	for _, p := range s.parts {
		n += p.Objects
	}
	return n
}

// partly notes that objects were read before something failed.
func (s *scan) partly(r Result) Result {
	if s != nil {
		r.Objects = s.objects()
	}
	return r
}

// tell adds to a result what was read, and makes sure that the parts lie next to each other.
func (s *scan) tell(r Result) (Result, error) {
	var at int64
	for i, p := range s.inOrder() {
		if !p.Done || i > 0 && p.From != at {
			return r, fmt.Errorf("the ranges of %s do not cover the whole time (at %s): remove %s and run the command again", s.kind.Name, Moment(at), s.store.dir)
		}
		at = p.Until
		r.Ranges = append(r.Ranges, RangeResult{Moment(p.From), Moment(p.Until), p.Objects})
		if p.Doubt > 0 {
			r.Doubts = append(r.Doubts, Moment(p.Doubt))
		}
	}
	r.Objects, r.Whole = s.objects(), s.whole
	r.Nested = s.nested.followed.Load()
	return r, nil
}

// writeTo writes all objects, newest first.
func (s *scan) writeTo(w io.Writer) error {
	for _, p := range slices.Backward(s.inOrder()) {
		f, err := os.Open(s.store.name(p))
		if err != nil {
			return err
		}
		_, err = io.Copy(w, io.LimitReader(f, p.Bytes))
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// save writes the file of a kind, and the CSV file that is made of it.
func (x *exporting) save(r *Result, k Kind, write func(io.Writer) error) error {
	r.File = k.Name + ".ndjson"
	name := filepath.Join(x.opts.Dir, r.File)
	sum := &counted{}
	err := writeFile(name, func(w io.Writer) error {
		hash := sha256.New()
		sum.w = io.MultiWriter(w, hash)
		out := bufio.NewWriterSize(sum, 1<<16)
		err := errors.Join(write(out), out.Flush())
		r.SHA256 = hex.EncodeToString(hash.Sum(nil))
		return err
	})
	r.Bytes = sum.n
	if err != nil || !x.opts.CSV {
		return err
	}
	r.CSV = k.Name + ".csv"
	return writeFile(filepath.Join(x.opts.Dir, r.CSV), func(w io.Writer) error { return writeCSV(w, name, k) })
}

// counted counts what is written.
type counted struct {
	w io.Writer
	n int64
}

// Write implements io.Writer.
func (c *counted) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

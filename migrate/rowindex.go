package migrate

import (
	"cmp"
	"context"
	"hash/maphash"
	"slices"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
)

// subscription is what tells a subscription from another one, whichever file or program it comes from. Two are the
// same when they have the same source ID; where one of them has none, when customer and start are the same.
type subscription struct {
	customer, source string
	start            csvspec.Timestamp
}

// subscriptionKey is one of the ways in which a subscription is found.
type subscriptionKey struct {
	of    keyKind
	name  string
	start csvspec.Timestamp
}

type keyKind byte

const (
	bySource keyKind = iota // its source ID
	byStart                 // its customer and start
	nameless                // the same, of one without a source ID
)

// keys returns under what a row is kept.
func (s subscription) keys() [2]subscriptionKey {
	if s.source == "" {
		return [2]subscriptionKey{{byStart, s.customer, s.start}, {nameless, s.customer, s.start}}
	}
	return [2]subscriptionKey{{bySource, s.source, 0}, {byStart, s.customer, s.start}}
}

// twins returns under what the rows are kept that ask for the same subscription.
func (s subscription) twins() []subscriptionKey {
	if s.source == "" {
		return []subscriptionKey{{byStart, s.customer, s.start}}
	}
	return []subscriptionKey{{bySource, s.source, 0}, {nameless, s.customer, s.start}}
}

// rowIndex finds the rows of a file by subscription. It takes 48 bytes a row, however long the IDs are.
type rowIndex struct {
	seed  maphash.Seed
	slots []slot
}

type slot struct {
	hash      uint64
	row, line int64
}

// index reads the reviewed file once.
func (r *Review) index(ctx context.Context, seed maphash.Seed) (*rowIndex, error) {
	x := &rowIndex{seed: seed, slots: make([]slot, 0, 2*r.Report.Rows)}
	err := r.Input.each(ctx, r.Options.Validation(r.Now, nil), func(row *csvspec.Row, _ []validate.Finding) error {
		for _, k := range (subscription{row.Customer, validate.SourceID(row.Metadata), row.StartDate}).keys() {
			x.slots = append(x.slots, slot{maphash.Comparable(seed, k), int64(row.Source.Row), int64(row.Source.Line)})
		}
		return nil
	})
	slices.SortFunc(x.slots, func(a, b slot) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.row, b.row)) })
	return x, err
}

// take notes every row that asks for a subscription that exists; by says what has scheduled it.
func (x *rowIndex) take(t *takenRows, s subscription, by Taken) {
	for _, k := range s.twins() {
		hash := maphash.Comparable(x.seed, k)
		i, _ := slices.BinarySearchFunc(x.slots, hash, func(s slot, h uint64) int { return cmp.Compare(s.hash, h) })
		for ; i < len(x.slots) && x.slots[i].hash == hash; i++ {
			by.Row, by.Line, by.Customer, by.SourceID = x.slots[i].row, x.slots[i].line, s.customer, s.source
			t.add(by)
		}
	}
}

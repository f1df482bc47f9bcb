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
// same when their customer is the same and they share a source ID; where one of them has none, when customer and start
// are the same.
type subscription struct {
	customer string
	sources  []string
	start    csvspec.Timestamp
}

// subscriptionOf returns the subscription with this customer, metadata and start.
func subscriptionOf(customer string, metadata csvspec.Metadata, start csvspec.Timestamp) subscription {
	return subscription{customer, sourceIDsIn(metadata), start}
}

// source returns the source ID to be shown, "" when there is none.
func (s subscription) source() string {
	if len(s.sources) == 0 {
		return ""
	}
	return s.sources[0]
}

// subscriptionKey is one of the ways in which a subscription is found.
type subscriptionKey struct {
	of       keyKind
	customer string
	source   string
	start    csvspec.Timestamp
}

type keyKind byte

const (
	bySource keyKind = iota // its customer and source ID
	byStart                 // its customer and start
	nameless                // the same, of one without a source ID
)

// keys returns under what a row is kept.
func (s subscription) keys() []subscriptionKey {
	keys := append(s.bySources(), subscriptionKey{of: byStart, customer: s.customer, start: s.start})
	if len(s.sources) == 0 {
		keys = append(keys, subscriptionKey{of: nameless, customer: s.customer, start: s.start})
	}
	return keys
}

// twins returns under what the rows are kept that ask for the same subscription.
func (s subscription) twins() []subscriptionKey {
	if len(s.sources) == 0 {
		return []subscriptionKey{{of: byStart, customer: s.customer, start: s.start}}
	}
	return append(s.bySources(), subscriptionKey{of: nameless, customer: s.customer, start: s.start})
}

func (s subscription) bySources() (keys []subscriptionKey) {
	for _, source := range s.sources {
		keys = append(keys, subscriptionKey{of: bySource, customer: s.customer, source: source})
	}
	return keys
}

// rowIndex finds the rows of a file by subscription. It takes 48 bytes a row, or 72 with two source IDs, however long the IDs are.
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
		for _, k := range subscriptionOf(row.Customer, row.Metadata, row.StartDate).keys() {
			x.slots = append(x.slots, slot{maphash.Comparable(seed, k), int64(row.Source.Row), int64(row.Source.Line)})
		}
		return nil
	})
	slices.SortFunc(x.slots, func(a, b slot) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.row, b.row)) })
	return x, err
}

// take notes every row that asks for a subscription that exists; by says what has scheduled it.
func (x *rowIndex) take(t *takenRows, s subscription, by Duplicate) {
	for _, k := range s.twins() {
		hash := maphash.Comparable(x.seed, k)
		i, _ := slices.BinarySearchFunc(x.slots, hash, func(s slot, h uint64) int { return cmp.Compare(s.hash, h) })
		for ; i < len(x.slots) && x.slots[i].hash == hash; i++ {
			by.Row, by.Line, by.Customer, by.SourceID = x.slots[i].row, x.slots[i].line, s.customer, s.source()
			t.add(by)
		}
	}
}

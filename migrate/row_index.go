package migrate

import (
	"cmp"
	"context"
	"hash/maphash"
	"maps"
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

// subscriptionOf returns the subscription with this customer, metadata and start. Its sources are every ID that it had
// before, the one that validate.SourceID prefers first: another program may have kept only one of two.
func subscriptionOf(customer string, metadata csvspec.Metadata, start csvspec.Timestamp) subscription {
	s := subscription{customer: customer, start: start}
	metadata = slices.Clone(metadata)
	for id := validate.SourceID(metadata); id != ""; id = validate.SourceID(metadata) {
		s.sources = append(s.sources, id)
		metadata = slices.DeleteFunc(metadata, func(kv csvspec.KeyValue) bool { return kv.Value == id })
	}
	return s
}

// metadataPairs returns Stripe's metadata as a row has it, sorted by key.
func metadataPairs(metadata map[string]string) (pairs csvspec.Metadata) {
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		pairs = append(pairs, csvspec.KeyValue{Key: key, Value: metadata[key]})
	}
	return pairs
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

// rowKeys returns under what a row is kept.
func (s subscription) rowKeys() []subscriptionKey {
	keys := append(s.bySources(), subscriptionKey{of: byStart, customer: s.customer, start: s.start})
	if len(s.sources) == 0 {
		keys = append(keys, subscriptionKey{of: nameless, customer: s.customer, start: s.start})
	}
	return keys
}

// duplicateKeys returns under what the rows are kept that ask for the same subscription.
func (s subscription) duplicateKeys() []subscriptionKey {
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

// rowIndex finds the rows of a file by subscription. It takes 48 bytes a row, or 72 with two source IDs, however long
// the IDs are.
type rowIndex struct {
	seed  maphash.Seed
	slots []slot
}

type slot struct {
	hash      uint64
	row, line int64
}

// index reads the reviewed file once.
func (r *Review) index(ctx context.Context, in Input, seed maphash.Seed) (*rowIndex, error) {
	x := &rowIndex{seed: seed, slots: make([]slot, 0, 2*r.Report.Rows)}
	_, _, err := in.read(ctx, r.Options.Validation(r.Now, nil), nil, func(row *csvspec.Row, _ validate.Findings) error {
		for _, k := range subscriptionOf(row.Customer, row.Metadata, row.StartDate).rowKeys() {
			x.slots = append(x.slots, slot{maphash.Comparable(seed, k), int64(row.Source.Row), int64(row.Source.Line)})
		}
		return nil
	})
	slices.SortFunc(x.slots, func(a, b slot) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.row, b.row)) })
	return x, err
}

// mark notes every row that asks for a subscription that exists; by says what has made that.
func (x *rowIndex) mark(rows *duplicateRows, s subscription, by Duplicate) {
	by.Customer = s.customer
	if len(s.sources) > 0 {
		by.SourceID = s.sources[0]
	}
	for _, k := range s.duplicateKeys() {
		hash := maphash.Comparable(x.seed, k)
		i, _ := slices.BinarySearchFunc(x.slots, hash, func(s slot, h uint64) int { return cmp.Compare(s.hash, h) })
		for ; i < len(x.slots) && x.slots[i].hash == hash; i++ {
			by.Row, by.Line = x.slots[i].row, x.slots[i].line
			rows.add(by)
		}
	}
}

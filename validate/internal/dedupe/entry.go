// Package dedupe compares the rows of a file with each other: which repeat an earlier one, and which are too many of
// their kind. Its memory does not grow with the file, because rows are compared by hashes, and what memory cannot hold
// waits in a temporary file.
//
//	Hasher -> Entry (a row) -> Index.Add -> Index.FindDuplicates -> Result
package dedupe

import (
	"hash/maphash"
	"math/bits"

	"github.com/subferry/subferry/csvspec"
)

// Entry stands for a row when rows are compared: 120 bits of keyed hashes instead of its text. The seeds are new for
// every run, so that nobody can make two rows collide.
type Entry struct {
	group uint64 // hash of what rows are grouped by
	key   uint64 // a hash in its upper 56 bits, and the number of a currency in the lower 8
	row   uint32 // with the row's state in the upper two bits
	line  uint32
}

const (
	rowBits      = 30
	currencyBits = 8
)

// NewEntry returns the entry of a row. Rows are grouped by group, and those of a group are duplicates when they have
// the same key, of which the upper 56 bits count; see Hasher. Currency is the number of the one in which the row is
// charged, 0 when that is not known. Row, line and state (below 4) are for the caller, who gets them back.
func NewEntry(group, key uint64, currency uint8, row, line int, state uint8) Entry {
	return Entry{group: group, key: key&^(1<<currencyBits-1) | uint64(currency), row: uint32(row)&(1<<rowBits-1) | uint32(state)<<rowBits,
		line: uint32(line)}
}

// Row returns the number of the row in its file.
func (e Entry) Row() int { return int(e.row & (1<<rowBits - 1)) }

// Line returns the line on which the row begins.
func (e Entry) Line() int { return int(e.line) }

// State returns what NewEntry was given.
func (e Entry) State() uint8 { return uint8(e.row >> rowBits) }

// Currency returns what NewEntry was given.
func (e Entry) Currency() uint8 { return uint8(e.key) }

// hash returns what the row is compared by within its group; 0 when it is not to be compared.
func (e Entry) hash() uint64 { return e.key >> currencyBits }

// Hasher makes the groups and keys of rows.
type Hasher struct{ first, second maphash.Seed }

// NewHasher returns a hasher with seeds of its own: entries can be compared only when one hasher has made them.
func NewHasher() Hasher { return Hasher{maphash.MakeSeed(), maphash.MakeSeed()} }

// Text returns the hash of a customer or a source ID.
func (h Hasher) Text(id string) uint64 { return maphash.String(h.first, id) }

// Key makes a key of a hash: one that is never 0, which would mean that the row is not to be compared.
func Key(hash uint64) uint64 { return hash | 1<<currencyBits }

// Subscription returns the key of what the row subscribes to: its items, start and source ID, of which ref is the hash,
// 0 without one. It is 0 when the row does not say enough to be compared.
func (h Hasher) Subscription(r *csvspec.Row, ref uint64) uint64 {
	if r.StartDate.IsBlank() || r.Price == "" && len(r.Items) == 0 && len(r.AdhocItems) == 0 {
		return 0
	}
	var items uint64 // a sum, because items mean the same in any order
	if r.Price != "" {
		items += h.item(r.Price, r.Quantity)
	}
	for i := range r.Items {
		if r.Items[i].Price != "" {
			items += h.item(r.Items[i].Price, r.Items[i].Quantity)
		}
	}
	for i := range r.AdhocItems {
		item := &r.AdhocItems[i]
		if item.IsBlank() {
			continue
		}
		sum := mix(maphash.String(h.second, item.Product), uint64(item.Amount.N))
		sum = mix(sum, maphash.String(h.second, item.Interval))
		sum = mix(sum, maphash.String(h.second, item.Currency))
		items += mix(sum, uint64(item.Quantity.Or(1)))
	}
	return Key(mix(mix(items, uint64(r.StartDate)), ref))
}

func (h Hasher) item(price string, quantity csvspec.Int) uint64 {
	return mix(maphash.String(h.second, price), uint64(quantity.Or(1)))
}

// mix folds x into the sum; the sum being secret, so is the result.
func mix(sum, x uint64) uint64 {
	hi, lo := bits.Mul64(sum^0x9e3779b97f4a7c15, x^sum>>32^0xd1b54a32d192ed03)
	return hi ^ lo ^ sum<<1
}

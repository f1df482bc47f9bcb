package validate

import (
	"hash/maphash"
	"math/bits"

	"github.com/subferry/subferry/csvspec"
)

// entry stands for a row when rows are compared: 120 bits of keyed hashes instead of its text, so that files of any
// size can be compared in little memory. The seeds are new for every run, so that nobody can make two rows collide.
type entry struct {
	a, b uint64 // b has a key in its upper 56 bits, and the number of a currency in the lower 8
	row  uint32 // its state in the upper two bits
	line uint32
}

const (
	rowBits      = 30
	currencyBits = 8
)

func (e entry) rowNumber() int  { return int(e.row & (1<<rowBits - 1)) }
func (e entry) state() State    { return State(e.row >> rowBits) }
func (e entry) key() uint64     { return e.b >> currencyBits } // 0 when the row is not to be compared by it
func (e entry) currency() uint8 { return uint8(e.b) }          // 0 when it is not known, or of no interest

func newEntry(a, b uint64, currency uint8, src *csvspec.Source, state State) entry {
	b = b&^(1<<currencyBits-1) | uint64(currency)
	return entry{a: a, b: b, row: uint32(src.Row)&(1<<rowBits-1) | uint32(state)<<rowBits, line: uint32(src.Line)}
}

// hasher makes the keys of rows.
type hasher struct{ first, second maphash.Seed }

func newHasher() hasher { return hasher{maphash.MakeSeed(), maphash.MakeSeed()} }

// text returns the key of a customer or a source ID.
func (h hasher) text(id string) uint64 { return maphash.String(h.first, id) }

// subscription returns the key of what the row subscribes to: its items, start and source ID, of which ref is the key,
// 0 without one. It is 0 when the row does not say enough to be compared. Only its upper bits count, see entry.
func (h hasher) subscription(r *csvspec.Row, ref uint64) uint64 {
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
		if !r.AdhocItems[i].IsBlank() {
			items += h.adhoc(&r.AdhocItems[i])
		}
	}
	return mix(mix(items, uint64(r.StartDate)), ref) | 1<<currencyBits
}

func (h hasher) item(price string, quantity csvspec.Int) uint64 {
	return mix(maphash.String(h.second, price), uint64(quantity.Or(1)))
}

func (h hasher) adhoc(item *csvspec.AdhocItem) uint64 {
	sum := mix(maphash.String(h.second, item.Product), uint64(item.Amount.N))
	sum = mix(sum, maphash.String(h.second, item.Interval))
	sum = mix(sum, maphash.String(h.second, item.Currency))
	return mix(sum, uint64(item.Quantity.Or(1)))
}

// mix folds x into the sum; the sum being secret, so is the result.
func mix(sum, x uint64) uint64 {
	hi, lo := bits.Mul64(sum^0x9e3779b97f4a7c15, x^sum>>32^0xd1b54a32d192ed03)
	return hi ^ lo ^ sum<<1
}

// SourceID returns the ID that the subscription had in the system it comes from; "" when it had none, or when a word
// like N/A says so, which many rows share.
//
// Source: toolkit guide, columns metadata.third_party_sub_id and metadata.old_Stripe_sub_id.
func SourceID(m csvspec.Metadata) string {
	for _, key := range [...]string{"third_party_sub_id", "old_Stripe_sub_id"} {
		if id := m.Get(key); id != "" && !isPlaceholder(id) {
			return id
		}
	}
	return ""
}

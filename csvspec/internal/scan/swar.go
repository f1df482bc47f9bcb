package scan

import (
	"encoding/binary"
	"math/bits"
)

// Eight bytes at a time. A word holds eight bytes of a file, the first one lowest; a mask has the highest bit of each
// byte set that is meant. See "Bit Twiddling Hacks", Sean Eron Anderson, "Determine if a word has a byte less than
// n"; the additions here cannot carry from byte to byte, so the masks are exact.
const (
	word     = 8
	lowBits  = 0x0101010101010101
	lowSeven = 0x7F7F7F7F7F7F7F7F
	highBits = 0x8080808080808080
)

// marker marks the bytes that can matter to a scanner: quotes and all that is lower (spaces, line ends, controls), and
// separators. Where the separator is a comma, which is not much higher than a quote, one addition marks them all, with
// a few other characters that are rare in files.
type marker struct {
	low   uint64 // in all bytes, what makes a byte that is not to be marked overflow its seven bits
	comma uint64 // in all bytes, a separator that is not low, or a byte that is
	high  bool   // the separator is not low
}

func newMarker(comma byte) marker {
	m := marker{low: (0x80 - '"' - 1) * lowBits, comma: lowBits * uint64(comma), high: comma > ','}
	if comma == ',' {
		m.low = (0x80 - ',' - 1) * lowBits
	}
	return m
}

// marks returns the mask of the bytes that can matter.
func (m *marker) marks(w uint64) uint64 {
	mask := ^((w&lowSeven + m.low) | w) & highBits
	if m.high {
		x := w ^ m.comma
		mask |= ^((x&lowSeven + lowSeven) | x) & highBits
	}
	return mask
}

// load returns the eight bytes of buf at at; they must be there.
func load(buf string, at int) uint64 {
	b := buf[at : at+word]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// firstMarked returns which byte of a mask that is not zero is marked first.
func firstMarked(mask uint64) int { return bits.TrailingZeros64(mask) / 8 }

// firstHigh returns the place of the first byte that is not ASCII, or -1.
func firstHigh(b []byte) int {
	at := 0
	for ; at+4*word <= len(b); at += 4 * word {
		quad := b[at : at+4*word]
		if (binary.LittleEndian.Uint64(quad)|binary.LittleEndian.Uint64(quad[word:])|
			binary.LittleEndian.Uint64(quad[2*word:])|binary.LittleEndian.Uint64(quad[3*word:]))&highBits != 0 {
			break
		}
	}
	for ; at+word <= len(b); at += word {
		if high := binary.LittleEndian.Uint64(b[at:]) & highBits; high != 0 {
			return at + firstMarked(high)
		}
	}
	for ; at < len(b); at++ {
		if b[at] >= 0x80 {
			return at
		}
	}
	return -1
}

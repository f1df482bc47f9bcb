package store

import (
	"crypto/sha256"
	"encoding/binary"
)

// idSource makes object IDs: the same seed and the same counter give the same ID, and two counters never do, because
// mix is a bijection.
type idSource struct {
	seed  uint64
	tag   string
	Count uint64
}

const idAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

func newIDSource(seed string) idSource {
	sum := sha256.Sum256([]byte(seed))
	tag := base62(binary.BigEndian.Uint64(sum[8:]))
	return idSource{seed: binary.BigEndian.Uint64(sum[:]), tag: tag[:10]}
}

// Next returns an ID such as sub_sched_1Sb…, 24 characters behind the prefix.
func (g *idSource) Next(prefix string) string {
	g.Count++
	return prefix + "_1Sb" + g.tag + base62(mix(g.Count^g.seed))
}

// Short returns an ID of 14 characters behind the prefix, as customers have.
func (g *idSource) Short(prefix string) string {
	g.Count++
	return prefix + "_" + g.tag[:3] + base62(mix(g.Count^g.seed))
}

// Bare returns an ID without a prefix, as coupons have.
func (g *idSource) Bare() string {
	g.Count++
	return base62(mix(g.Count))[3:]
}

// RequestID returns the ID of a request of which nothing is stored.
func (s *Store) RequestID(number uint64) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return "req_" + s.IDs.tag[:3] + base62(mix(number))
}

// mix is the finalizer of splitmix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}

func base62(x uint64) string {
	var digits [11]byte
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = idAlphabet[x%62]
		x /= 62
	}
	return string(digits[:])
}

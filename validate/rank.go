package validate

import "sync/atomic"

// rank is a class of findings: their severity, and deferred ones by themselves.
type rank uint8

const (
	rankError rank = iota
	rankDeferred
	rankWarning
	rankInfo
	rankCount
)

func rankOf(s Severity, deferred bool) rank {
	switch {
	case deferred:
		return rankDeferred
	case s == Warning:
		return rankWarning
	case s == Info:
		return rankInfo
	}
	return rankError
}

func (f *Finding) rank() rank { return rankOf(f.Severity, f.Deferred) }

// ranks is a set of ranks.
type ranks uint32

const everyRank ranks = 1<<rankCount - 1

func (s ranks) has(r rank) bool { return s&(1<<r) != 0 }

// quota says how many findings in rows are wanted in full, and how many there have been.
type quota struct {
	shown  int            // of each rank; 0 means all
	counts [rankCount]int // in the blocks that have been merged
	met    atomic.Uint32  // the ranks of which there are enough, for all workers to see
}

// none makes it a quota of which there is enough already.
func (q *quota) none() { q.met.Store(uint32(everyRank)) }

// merge adds what a block has.
func (q *quota) merge(counts [rankCount]int) {
	met := ranks(q.met.Load())
	for r, n := range counts {
		if q.counts[r] += n; q.shown > 0 && q.counts[r] >= q.shown {
			met |= 1 << r
		}
	}
	q.met.Store(uint32(met))
}

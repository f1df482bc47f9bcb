package migrate

import "github.com/subferry/subferry/migrate/schedule"

// sampleSize is how many rows a sample holds at most; a canary is not larger.
const sampleSize = 1024

// sample is a choice of rows that stands for a file: the first of each strategy, and others spread evenly over it.
type sample struct {
	first  map[schedule.Strategy]int64
	spread []int64
	stride int64 // every so many rows is kept
	seen   int64
}

// see offers a row to the sample.
func (s *sample) see(row int64, strategy schedule.Strategy) {
	if s.first == nil {
		s.first, s.stride = map[schedule.Strategy]int64{}, 1
	}
	if _, ok := s.first[strategy]; !ok {
		s.first[strategy] = row
	}
	if s.seen%s.stride == 0 {
		s.spread = append(s.spread, row)
	}
	s.seen++
	if len(s.spread) > sampleSize { // every second row is kept
		kept := s.spread[:0]
		for i := 0; i < len(s.spread); i += 2 {
			kept = append(kept, s.spread[i])
		}
		s.spread, s.stride = kept, 2*s.stride
	}
}

// choose returns n rows: one of each strategy, in the order of the strategies' table, then rows spread over the file.
func (s *sample) choose(n int64) map[int64]bool {
	chosen := map[int64]bool{}
	add := func(row int64) {
		if int64(len(chosen)) < n {
			chosen[row] = true
		}
	}
	for _, strategy := range schedule.Strategies() {
		if row, ok := s.first[strategy]; ok {
			add(row)
		}
	}
	for step := int64(len(s.spread)); step > 0; step /= 2 {
		for i := int64(0); i < int64(len(s.spread)); i += step {
			add(s.spread[i])
		}
	}
	return chosen
}

package ledger

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/subferry/subferry/csvspec"
)

// memoryUsage is the part of Memory that is about usage; it is guarded by Memory's lock.
type memoryUsage struct {
	order []string
	runs  map[string]UsageRun
	rows  map[string]map[int64]UsageEvent
	taken map[UsageAccount]map[string]bool // identifiers
}

// BeginUsage implements Usage.
func (l *Memory) BeginUsage(_ context.Context, r UsageRun) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	u := &l.usage
	if u.runs == nil {
		*u = memoryUsage{runs: map[string]UsageRun{}, rows: map[string]map[int64]UsageEvent{}, taken: map[UsageAccount]map[string]bool{}}
	}
	if _, ok := u.runs[r.ID]; ok {
		return fmt.Errorf("%w: %s", ErrExists, r.ID)
	}
	u.runs[r.ID], u.rows[r.ID] = r, map[int64]UsageEvent{}
	if a := (UsageAccount{r.Account, r.Livemode}); u.taken[a] == nil {
		u.taken[a] = map[string]bool{}
	}
	u.order = append(u.order, r.ID)
	return nil
}

// UsageRun implements Usage.
func (l *Memory) UsageRun(_ context.Context, id string) (UsageRun, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r, ok := l.usage.runs[id]
	if !ok {
		return r, fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	return r, nil
}

// UsageRuns implements Usage.
func (l *Memory) UsageRuns(context.Context) ([]UsageRun, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []UsageRun
	for _, id := range slices.Backward(l.usage.order) {
		all = append(all, l.usage.runs[id])
	}
	return all, nil
}

// SetUsageStatus implements Usage.
func (l *Memory) SetUsageStatus(_ context.Context, id string, s UsageStatus, at csvspec.Timestamp) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	r, ok := l.usage.runs[id]
	if !ok {
		return fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	r.Status, r.SettledAt = s, at
	l.usage.runs[id] = r
	return nil
}

// PutUsage implements Usage.
func (l *Memory) PutUsage(_ context.Context, id string, steps []UsageStep) (err error) {
	for _, s := range steps {
		if !LegalUsage(s.From, s.Event.State) {
			return fmt.Errorf("%w: event %s from %q to %q", ErrIllegal, s.Event.Identifier, s.From, s.Event.State)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	rows, ok := l.usage.rows[id]
	if !ok {
		return fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	run := l.usage.runs[id]
	taken := l.usage.taken[UsageAccount{run.Account, run.Livemode}]
	for _, s := range steps {
		e := s.Event
		e.Run = id
		old := rows[e.Row]
		if old.State != s.From || s.From == UsageNew && taken[e.Identifier] {
			err = errors.Join(err, fmt.Errorf("%w: event %s of %s is not %q", ErrConflict, e.Identifier, id, s.From))
			continue
		}
		rows[e.Row], taken[e.Identifier] = e, true
	}
	return err
}

// UsageEvents implements Usage.
func (l *Memory) UsageEvents(_ context.Context, id string, states ...UsageState) iter.Seq2[UsageEvent, error] {
	return func(yield func(UsageEvent, error) bool) {
		l.mu.Lock()
		rows := maps.Clone(l.usage.rows[id])
		l.mu.Unlock()
		for _, n := range slices.Sorted(maps.Keys(rows)) {
			if e := rows[n]; (len(states) == 0 || slices.Contains(states, e.State)) && !yield(e, nil) {
				return
			}
		}
	}
}

// UsageOf implements Usage.
func (l *Memory) UsageOf(ctx context.Context, a UsageAccount) iter.Seq2[UsageEvent, error] {
	return func(yield func(UsageEvent, error) bool) {
		runs, _ := l.UsageRuns(ctx)
		for _, r := range runs {
			if r.Account != a.ID || r.Livemode != a.Livemode {
				continue
			}
			for e, err := range l.UsageEvents(ctx, r.ID) {
				if !yield(e, err) {
					return
				}
			}
		}
	}
}

// UsageCounts implements Usage.
func (l *Memory) UsageCounts(_ context.Context, id string) (map[UsageState]int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	counts := map[UsageState]int64{}
	for _, e := range l.usage.rows[id] {
		counts[e.State]++
	}
	return counts, nil
}

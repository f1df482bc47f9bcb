package validate

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/internal/dedupe"
)

// worker validates rows one after the other and gathers what is found in batches.
type worker struct {
	check    *Check
	hash     dedupe.Hasher
	refs     bool // the file has a column with source IDs
	findings Findings
	subs     []dedupe.Entry
	refsSeen []dedupe.Entry
	counts   [rankCount]int // findings of the batch
	quota    *quota
	free     chan *batch // merged ones
}

// batch is what is found in some rows that follow each other.
type batch struct {
	findings   Findings
	counts     [rankCount]int // of the findings, by rank
	tally      tally
	subs, refs []dedupe.Entry
}

func (p *pass) newWorker() *worker {
	w := &worker{check: p.v.newCheck(p.head), hash: p.hash, quota: &p.quota, free: p.free}
	w.check.quiet = ranks(p.quota.met.Load())
	for _, c := range p.head.header.Columns {
		w.refs = w.refs || c.Key == "third_party_sub_id" || c.Key == "old_Stripe_sub_id"
	}
	return w
}

// take validates a row and returns what is found in it, sorted; the findings are valid until the next batch. A row that
// holds nothing but separators is only counted.
func (w *worker) take(row *csvspec.Row) Findings {
	c := w.check
	found := Findings(c.run(row))
	if c.blank {
		c.tally.blank.see(row.Source.Line)
		return nil
	}
	if len(found) > 1 {
		found.Sort()
	}
	state := c.state(found)
	c.tally.count(row.StartDate, state)
	c.tally.fromStripe = c.tally.fromStripe || fromStripe(row.Metadata)
	w.key(row, state)
	w.count(found)
	first := len(w.findings)
	w.findings = append(w.findings, found...)
	return w.findings[first:len(w.findings):len(w.findings)]
}

// count counts the findings of a row towards the quota. Those beyond it lose their value, which is not fit to be kept.
func (w *worker) count(found Findings) {
	quiet := w.check.quiet
	for i := range found {
		r := found[i].rank()
		if quiet.has(r) {
			found[i].Value = ""
		}
		if w.counts[r]++; w.counts[r] == w.quota.shown {
			w.check.quiet |= 1 << r
		}
	}
}

// key remembers the row for comparing it with others: by its customer, and by the ID of its source subscription. Such
// an ID belongs to a customer, because some systems number the subscriptions of each customer anew.
func (w *worker) key(row *csvspec.Row, state State) {
	var ref uint64
	who, lost := w.hash.Text(row.Customer), false
	if w.refs {
		id := SourceID(row.Metadata)
		if lost = rounded(id); id != "" && !lost {
			if len(id) > spreadsheetDigits {
				w.check.tally.long.see(id, row.Source.Line)
			}
			ref = w.hash.Text(id)
			w.refsSeen = append(w.refsSeen, dedupe.NewEntry(ref, dedupe.Key(who), 0, row.Source.Row, row.Source.Line, uint8(state)))
		}
	}
	if row.Customer != "" && !rounded(row.Customer) {
		var subscription uint64
		if !lost { // what was lost told the row apart from others
			subscription = w.hash.Subscription(row, ref)
		}
		w.subs = append(w.subs, dedupe.NewEntry(who, subscription, w.check.sharedCurrency(), row.Source.Row, row.Source.Line, uint8(state)))
	}
	if row.Coupon != "" {
		w.check.redeem(row, state)
	}
}

// batch returns what has been gathered since the last batch. It goes back to the worker when it has been merged.
func (w *worker) batch() *batch {
	b := &batch{findings: w.findings, counts: w.counts, tally: w.check.tally, subs: w.subs, refs: w.refsSeen}
	w.findings, w.subs, w.refsSeen = nil, nil, nil
	if n := len(b.findings); n > 0 {
		w.findings = make(Findings, 0, n+n/8) // blocks that follow each other differ little
	}
	w.counts, w.check.quiet = [rankCount]int{}, ranks(w.quota.met.Load())
	select {
	case old := <-w.free:
		w.subs, w.refsSeen = old.subs[:0], old.refs[:0]
	default:
		w.subs = make([]dedupe.Entry, 0, len(b.subs)+len(b.subs)/8)
		w.refsSeen = make([]dedupe.Entry, 0, len(b.refs)+len(b.refs)/8)
	}
	w.check.tally = tally{waits: make([]int, len(w.check.v.rules))}
	return b
}

package validate

import "github.com/subferry/subferry/csvspec"

// tally is what is counted over the rows of a file, or of a part of it, for rules about the file as a whole.
type tally struct {
	rows       int
	states     [3]int // by State
	waits      []int  // per rule: rows whose check waits for the account
	firstStart csvspec.Timestamp
	amount     seenAmount
	starts     startTimes
	far        farStarts
	blank      blankRows
	redeemed   redemptions
	long       longIDs
	fromStripe bool // some rows come from another Stripe account
}

// seenAmount is an amount of the file as it was understood.
type seenAmount struct {
	place Finding
	text  string // "" when none was seen
	money string
}

// count adds a row.
func (t *tally) count(start csvspec.Timestamp, state State) {
	t.rows++
	t.states[state]++
	if state == Invalid {
		return
	}
	t.starts.see(start)
	if state == Valid && (t.firstStart == 0 || start < t.firstStart) {
		t.firstStart = start
	}
}

// merge adds the tally of a later part of the file.
func (t *tally) merge(o *tally) {
	t.rows += o.rows
	for i := range t.states {
		t.states[i] += o.states[i]
	}
	for i := range o.waits {
		t.waits[i] += o.waits[i]
	}
	if o.firstStart != 0 && (t.firstStart == 0 || o.firstStart < t.firstStart) {
		t.firstStart = o.firstStart
	}
	if t.amount.text == "" {
		t.amount = o.amount
	}
	t.starts.merge(o.starts)
	if t.far.n == 0 {
		t.far.first = o.far.first
	}
	t.far.n += o.far.n
	t.blank.merge(o.blank)
	t.redeemed.merge(o.redeemed)
	t.long.merge(o.long)
	t.fromStripe = t.fromStripe || o.fromStripe
}

// state returns what becomes of the row. Without the columns that every row needs none can be uploaded, although
// that is said once for the file.
func (c *Check) state(found Findings) State {
	if c.head.lacking {
		return Invalid
	}
	return found.State()
}

package validate

import (
	"slices"
	"sync"

	"github.com/go-playground/validator/v10"

	"github.com/subferry/subferry/csvspec"
)

// Validator holds the rules made ready for some options. It may be used by several goroutines at once.
type Validator struct {
	opts     Options
	rules    []Rule
	rows     []compiled
	known    accountData
	steps    map[string]int64 // smallest step of an amount, by supported currency
	numbers  map[string]uint8 // of the currencies, from 1
	now      csvspec.Timestamp
	earliest csvspec.Timestamp
	lead     string // what earliest is made of: 24 hours after the upload and a margin of 15 minutes
	tags     func() *validator.Validate
	checks   sync.Pool // of *Check, for rows outside a file
}

// New makes the rules ready. Use it instead of the function Row when there are many rows.
func New(opts Options) *Validator {
	v := &Validator{
		opts: opts, rules: append(Rules(), opts.Rules...), known: knownOf(opts.Account), tags: sync.OnceValue(newTags),
		now: csvspec.At(opts.Now), earliest: csvspec.At(opts.earliest()), lead: inWords(opts.lead()) + " after the upload",
	}
	if opts.Format != nil {
		v.rules = slices.Clone(opts.Rules)
	}
	if opts.Margin > 0 {
		v.lead += " and a margin of " + inWords(opts.Margin)
	}
	v.steps, v.numbers = currencyTables()
	v.rows = compile(v.rules, v.known)
	return v
}

// Row returns what is wrong with one row, which a program has built or a csvspec.Reader has read, sorted by column.
// What only a whole file can show (duplicates, the header) is not part of it.
func Row(row *csvspec.Row, opts Options) Findings { return New(opts).Row(row) }

// Row is the function Row with the validator's options.
func (v *Validator) Row(row *csvspec.Row) Findings {
	c, _ := v.checks.Get().(*Check)
	if c == nil {
		c = v.newCheck(nil)
	}
	defer v.checks.Put(c)
	found := append(Findings(nil), c.run(row)...)
	if row.Source == nil {
		found = v.checkTags(row, found)
	}
	found.Sort()
	return found
}

// severity returns what the options make of a rule's severity.
func (v *Validator) severity(s Severity) Severity {
	switch {
	case s == "", s == Warning && v.opts.Strict:
		return Error
	}
	return s
}

// newCheck returns a worker's own Check; head is nil for rows outside a file.
func (v *Validator) newCheck(head *headerInfo) *Check {
	return &Check{v: v, head: head, tally: tally{waits: make([]int, len(v.rules))}}
}

// run puts a row through all rules. The findings are the worker's own until the next run.
func (c *Check) run(row *csvspec.Row) []Finding {
	c.Row, c.findings, c.end.done = row, c.findings[:0], false
	c.stated, c.unread = stated(row), unreadable(row.Source)|implausible(row)
	if c.blank = c.head != nil && c.stated == always && row.Source.IsBlank(); c.blank {
		return nil // it is counted, not judged
	}
	rules := c.rules.of(c.v.rows, c.stated, c.preconditions())
	for i := range rules {
		r := &rules[i]
		if r.reads&c.unread != 0 {
			continue
		}
		c.index = r.index
		r.check(c)
	}
	if len(c.findings) > 1 && row.Source != nil {
		c.reviewAll()
	}
	return c.findings
}

// reviewAll lets rules look at a row with several errors, which may be one mistake.
func (c *Check) reviewAll() {
	errors := 0
	for i := range c.findings {
		if c.findings[i].Severity == Error {
			errors++
		}
	}
	for i := range c.v.rules {
		if errors > 1 && c.v.rules[i].review != nil {
			c.index = i
			c.rule().review(c)
		}
	}
}

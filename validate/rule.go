package validate

import "github.com/subferry/subferry/csvspec"

// Rule is one thing that can be wrong, with everything there is to say about it and the check that finds it.
//
// A program adds a rule of its own through Options.Rules; Check is then called for every row, by several goroutines
// at once when a file is validated, so it must not keep state; Header and File are called once for a file.
type Rule struct {
	Code     string // stable: start_date_too_soon
	Severity Severity
	Defers   bool   // its errors hold a row back for today instead of making it wrong
	Title    string // a constant summary, for lists
	Why      string // what would happen if nobody said anything
	Fix      string // what to do
	Bad      string // an example that breaks the rule
	Good     string // the same, mended
	Source   string // where the rule is stated

	Reads []csvspec.Field // the check is skipped for a row in which one of these could not be read
	When  []csvspec.Field // the check is run only for rows that state one of these; empty means every row
	Lacks []csvspec.Field // the check is run only for rows that state none of these
	Check func(*Check)    // finds the rule's mistakes in one row; nil for a rule that is not about rows

	Header func(*HeaderCheck) // finds the rule's mistakes in the header; nil for a rule that is not about it
	File   func(*FileCheck)   // finds the rule's mistakes when the whole file has been read; nil for a rule that is not about it

	mends  Mend         // the command that mends all of its findings
	onlyIf precondition // what a row must have for the check to be run; for the rules of this package
	needs  accountData  // what must be known of the account; without it the rule waits

	review func(*Check) // looks at a row in which several errors were found, and may put one in their place
}

// compiled is what is needed of a rule to run it on rows, with its fields as sets.
type compiled struct {
	check              func(*Check)
	index              int // in Validator.rules
	reads, when, lacks fields
	onlyIf             precondition
}

// compile returns the rules that can be run on rows, given what is known of the account.
func compile(rules []Rule, known accountData) []compiled {
	var out []compiled
	for i := range rules {
		r := &rules[i]
		if r.Check == nil || r.needs&^known != 0 {
			continue
		}
		when := setOf(r.When...)
		if when == 0 {
			when = every
		}
		out = append(out, compiled{check: r.Check, index: i, reads: setOf(r.Reads...), when: when, lacks: setOf(r.Lacks...),
			onlyIf: r.onlyIf})
	}
	return out
}

// ruleCache remembers which rules are run on rows that state the same fields and are unusual in the same ways. Rows of
// a file differ little in that, so that most rules are not even looked at.
type ruleCache struct {
	last  rowKind
	rules []compiled
	known map[rowKind][]compiled
}

// rowKind is what decides which rules are run on a row.
type rowKind uint64

// maxRowKinds bounds the memory of a cache, should each row of a file be of another kind.
const maxRowKinds = 1024

// of returns the rules for such rows.
func (m *ruleCache) of(all []compiled, stated fields, preconditions precondition) []compiled {
	kind := rowKind(stated)<<16 | rowKind(preconditions) // never 0, because always is stated
	if kind == m.last {
		return m.rules
	}
	rules, ok := m.known[kind]
	if !ok {
		for _, r := range all {
			if r.when&stated != 0 && r.lacks&stated == 0 && (r.onlyIf == 0 || r.onlyIf&preconditions != 0) {
				rules = append(rules, r)
			}
		}
		if m.known == nil || len(m.known) == maxRowKinds {
			m.known = map[rowKind][]compiled{}
		}
		m.known[kind] = rules
	}
	m.last, m.rules = kind, rules
	return rules
}

package toolkit

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/subferry/subferry/validate/convert"
)

// Decisions are what the user has decided, by subscription and state. The subscription * stands for all others.
type Decisions map[string]map[string]decided

type decided struct {
	word string
	line int
}

// DecisionError is a decision that is none of the choices.
type DecisionError struct {
	Line                int
	Subscription, State string
	Found               string
	Expected            string
}

// Error names the choices.
func (e *DecisionError) Error() string {
	return fmt.Sprintf("line %d: %q is no choice for %s of %s: expected %s, or nothing", e.Line, e.Found, e.State, e.Subscription, e.Expected)
}

// decisionColumns are the columns of the file that is filled in.
func decisionColumns() []string {
	return []string{"subscription", "customer", "status", "state", "question", "choices", "decision"}
}

// ReadDecisions reads the file that Write has written, CSV or saved as a workbook, with decisions in its last column; only the columns
// subscription, state and decision are looked at, wherever they stand.
func ReadDecisions(r io.Reader) (Decisions, error) {
	t, err := convert.OpenTable(r, "the file of decisions", "subscription", "state", "decision")
	if err != nil {
		return nil, err
	}
	all := Decisions{}
	err = t.Each(func() error {
		id, state, word := t.Cell("subscription"), t.Cell("state"), t.Cell("decision")
		if word == "" {
			return nil
		}
		if !slices.ContainsFunc(States(), func(s State) bool { return s.Name == state && s.Verdict == Undecided }) {
			return fmt.Errorf("line %d: there is nothing to decide about %q", t.Line, state)
		}
		if all[id] == nil {
			all[id] = map[string]decided{}
		}
		if before, twice := all[id][state]; twice && before.word != word {
			return fmt.Errorf("line %d: %s of %s is decided as %s here, and as %s in line %d", t.Line, state, id, word, before.word, before.line)
		}
		all[id][state] = decided{word, t.Line}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// Word returns what was decided about a state of a subscription, "" when nothing was. own tells that it was decided about
// this one and not about all of them.
func (d Decisions) Word(subscription, state string) (word string, own bool) {
	if decision, is := d[subscription][state]; is {
		return decision.word, true
	}
	return d["*"][state].word, false
}

// unused returns the decisions that no subscription asked for, as LINE: STATE of SUBSCRIPTION.
func (d Decisions) unused(asked map[string]map[string]bool) (all []string) {
	for id, states := range d {
		for state, decision := range states {
			if !asked[id][state] {
				all = append(all, fmt.Sprintf("line %d: %s of %s", decision.line, state, id))
			}
		}
	}
	slices.Sort(all)
	return all
}

// of returns what was decided about a state of a subscription, nil when nothing was.
func (d Decisions) of(id string, f Found) (*Choice, error) {
	decision, own := d[id][f.State.Name]
	if !own {
		decision = d["*"][f.State.Name]
	}
	for i := range f.Choices {
		if strings.EqualFold(f.Choices[i].Word, decision.word) {
			return &f.Choices[i], nil
		}
	}
	if !own { // nothing was decided, or the decision for all is none of the choices here
		return nil, nil
	}
	var words []string
	for _, c := range f.Choices {
		words = append(words, c.Word)
	}
	return nil, &DecisionError{decision.line, id, f.State.Name, decision.word, strings.Join(words, ", ")}
}

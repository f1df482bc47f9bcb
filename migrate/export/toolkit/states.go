package toolkit

import (
	"slices"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/convert"
)

// Verdict is what can become of a subscription.
type Verdict string

// The verdicts. Each subscription has one.
const (
	Ready     Verdict = "ready"
	Undecided Verdict = "needs_decision"
	Immovable Verdict = "cannot_move"
	LeftOut   Verdict = "left_out" // by a decision
)

// State is an awkward state of subscriptions, and what is said of it.
type State struct {
	Name     string
	Verdict  Verdict // Ready is a remark
	Sentence string

	find func(*looked) []Choice // the choices of one subscription, nil when it is not in this state
}

// Choice is one way to decide.
type Choice struct {
	Word  string // as the file of decisions has it
	Means string

	apply func(*csvspec.Row)
}

// looked is a subscription that is being looked at.
type looked struct {
	*subscription
	now    int64
	end    int64             // of what is paid
	to     convert.Map       // the destination account's IDs
	copied convert.Customers // what a copy has brought to the destination account
}

// States returns the awkward states, in the order in which they are told.
func States() []State {
	return slices.Concat(statusStates, endingStates, moneyStates, itemStates, customerStates)
}

// remark is a state that leaves a subscription ready: there is something to know.
func remark(name, sentence string, in func(*looked) bool) State {
	return State{name, Ready, sentence, func(l *looked) []Choice {
		if in(l) {
			return []Choice{}
		}
		return nil
	}}
}

// immovable is a state in which a subscription cannot move.
func immovable(name, sentence string, in func(*looked) bool) State {
	s := remark(name, sentence, in)
	s.Verdict = Immovable
	return s
}

// decide is a state in which a subscription moves, or is skipped, as the user decides. What moving means is said.
func decide(name, sentence, means string, in func(*looked) bool) State {
	return choose(name, sentence, func(l *looked) []Choice {
		if !in(l) {
			return nil
		}
		return []Choice{move(means), skip()}
	})
}

// choose is a state with choices of its own.
func choose(name, sentence string, find func(*looked) []Choice) State {
	return State{name, Undecided, sentence, find}
}

// skip leaves the subscription with the source account.
func skip() Choice { return Choice{Word: "skip", Means: "leave it with the source account"} }

func move(means string) Choice {
	return Choice{Word: "move", Means: means, apply: func(*csvspec.Row) {}}
}

// anyItem returns the check whether one of the items is so.
func anyItem(is func(item) bool) func(*looked) bool {
	return func(l *looked) bool { return slices.ContainsFunc(l.Items.Data, is) }
}

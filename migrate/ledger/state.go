package ledger

import "slices"

// State is where a row stands.
type State string

// The states of a row. A row that was never sent has no entry.
const (
	New       State = ""          // no entry yet
	Intended  State = "intended"  // a request is about to leave, or has left; its outcome is not known here
	Unknown   State = "unknown"   // the request left, its outcome could not be found out
	Scheduled State = "scheduled" // the schedule, or the direct subscription, exists
	Refused   State = "refused"   // Stripe said no, or the row could not be sent any more; nothing was created
	Canceling State = "canceling" // a cancel is about to leave, or has left
	Canceled  State = "canceled"  // it was canceled, by us or by somebody else, or never came to be
	Releasing State = "releasing" // a release is about to leave, or has left
	Released  State = "released"  // the schedule was released, by us or by somebody else: it no longer governs a subscription
)

// transitions is every step a row may take. Whatever is not here is a defect of the caller, and refused.
var transitions = map[State][]State{
	New:       {Intended, Scheduled},
	Intended:  {Intended, Unknown, Scheduled, Refused, Canceled},
	Unknown:   {Intended, Unknown, Scheduled, Refused, Canceled},
	Refused:   {Intended, Scheduled, Canceled},
	Scheduled: {Canceling, Canceled, Releasing, Released},
	Canceling: {Canceling, Canceled, Scheduled, Released},
	Releasing: {Releasing, Released, Scheduled, Canceling, Canceled},
	Released:  {Canceling, Canceled},
}

// SourceState is what became of the subscription that a row has in the account it comes from.
type SourceState string

// The states of a row's source.
const (
	SourceUntouched SourceState = ""             // nothing was sent
	SourceStopping  SourceState = "stopping"     // a request that stops it is about to leave, or has left
	SourceStopped   SourceState = "stopped"      // it carries our mark, and does not charge beyond the moment of SourceStop
	SourceEnds      SourceState = "ends"         // it ends, or has ended, without our doing: nothing is to be undone
	SourceRefused   SourceState = "stop_refused" // Stripe said no; it goes on
	SourceRestoring SourceState = "restoring"    // a request that lets it go on is about to leave, or has left
	SourceRestored  SourceState = "restored"     // it goes on as before it was stopped
)

// sourceTransitions is every step that a row's source may take. One that goes on again, by our doing or by somebody
// else's, can be stopped again.
var sourceTransitions = map[SourceState][]SourceState{
	SourceUntouched: {SourceStopping, SourceStopped, SourceEnds},
	SourceStopping:  {SourceStopping, SourceStopped, SourceEnds, SourceRefused, SourceRestoring, SourceRestored},
	SourceStopped:   {SourceStopping, SourceEnds, SourceRestoring, SourceRestored},
	SourceEnds:      {SourceStopping, SourceStopped},
	SourceRefused:   {SourceStopping, SourceStopped, SourceEnds},
	SourceRestoring: {SourceStopping, SourceStopped, SourceEnds, SourceRestoring, SourceRestored},
	SourceRestored:  {SourceStopping, SourceStopped, SourceEnds},
}

// LegalSource tells whether a row's source may go from one state to the other.
func LegalSource(from, to SourceState) bool { return slices.Contains(sourceTransitions[from], to) }

// SourceStates returns all states of a source in which something was recorded of it.
func SourceStates() []SourceState {
	return []SourceState{SourceStopping, SourceStopped, SourceEnds, SourceRefused, SourceRestoring, SourceRestored}
}

// Stopped tells whether the source was kept from charging by us, or may have been: somebody else has to.
func (s SourceState) Stopped() bool {
	return s == SourceStopping || s == SourceStopped || s == SourceRestoring
}

// Legal tells whether a row may go from one state to the other.
func Legal(from, to State) bool { return slices.Contains(transitions[from], to) }

// States returns all states that an entry can be in.
func States() []State {
	return []State{Intended, Unknown, Scheduled, Refused, Canceling, Canceled, Releasing, Released}
}

// Settled tells whether a run has nothing left to do for a row in this state.
func (s State) Settled() bool {
	return s == Scheduled || s == Canceling || s == Canceled || s == Releasing || s == Released
}

// Open tells whether a request may have had an effect of which the ledger does not know.
func (s State) Open() bool { return s == Intended || s == Unknown }

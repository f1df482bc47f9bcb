package cutover

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
	"github.com/subferry/subferry/migrate/internal/standing"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
)

// action is what is to be done about a row's source.
type action int

const (
	leave   action = iota // refused, for a reason
	stopIt                // to be stopped
	isDone                // stopped by us before
	endsOff               // ends, or has ended, without us
	stands                // stopped by us before, and refused all the same, for a reason
)

// decision is what is to be done about one row, and why.
type decision struct {
	do       action
	code     string // why it is refused; "" otherwise
	sentence string
	mark     mark // that the source is to carry, or carries
}

func refused(code, format string, args ...any) decision {
	return decision{do: leave, code: code, sentence: fmt.Sprintf(format, args...)}
}

// decide decides about a row by how it stands now.
func (w *work) decide(r *standing.Row) decision {
	s := r.Old
	mine := schedule.Tag{Migration: w.mig.ID, Row: r.Row}
	if s != nil {
		if m, marked := markOf(s); marked && m.tag == mine && m.done(s) {
			return w.ofStopped(r, m)
		}
	}
	if d := w.ofDestination(r); d.code != "" {
		return d
	}
	switch {
	case s == nil:
		return refused("source_missing", "The source account has no subscription %s: it was deleted, or the key is another account's.", r.SourceID)
	case ownTag(s.Metadata, w.mig.ID):
		return refused("own_subscription", "%s was created by this very migration: stopping it would leave nobody to charge.", s.ID)
	}
	found, marked := markOf(s)
	switch {
	case marked && found.tag != mine:
		return refused("other_cutover", "%s was stopped for %s: one of the two rows is too many.", s.ID, found.tag)
	case s.Ended():
		return decision{do: endsOff, sentence: fmt.Sprintf("%s has ended on %s, without this cutover.", s.ID, words.Minute(s.EndedAt))}
	case s.CancelAtPeriodEnd, !s.CancelAt.IsBlank() && s.CancelAt <= s.PeriodEnd():
		return decision{do: endsOff, sentence: fmt.Sprintf("%s ends by itself, on %s, before it would charge again.", s.ID, words.Minute(s.EndOf()))}
	case s.Status == "incomplete":
		return refused("incomplete", "The first payment of %s is not made yet; it expires within a day, or begins. Look again then.", s.ID)
	}
	if d := w.howToStop(r); d.code != "" {
		return d
	}
	m := mark{tag: mine, stop: w.options.Stop}
	if !m.stop.Pause {
		m.was = s.CancelAt
	}
	return decision{do: stopIt, mark: m}
}

// ofStopped decides about a row that was stopped before. One that the new account does not charge any more is charged by
// nobody now. Who asks for it in another way is not told that it was done.
func (w *work) ofStopped(r *standing.Row, m mark) decision {
	s, stop := r.Old, w.options.Stop
	if d := w.newSide(r); d.code != "" && !r.State.Open() {
		return decision{do: stands, mark: m, code: d.code, sentence: d.sentence + " The source was stopped by this very cutover: nobody charges. Let it go on (--undo) as long as it has not ended, or give the customer a new subscription."}
	}
	at := func(stop Stop) csvspec.Timestamp { return cmp.Or(stop.At, s.PeriodEnd()) }
	if m.stop == stop || s.Ended() || !m.stop.Pause && !stop.Pause && at(m.stop) == at(stop) {
		return decision{do: isDone, mark: m}
	}
	how := map[bool]string{true: "is paused", false: "is canceled on " + words.Minute(at(m.stop)).String()}[m.stop.Pause]
	d := refused("stopped_otherwise", "%s %s, by this very cutover, and stays so. To stop it in another way, let it go on first (--undo).", s.ID, how)
	d.do, d.mark = stands, m
	return d
}

func ownTag(metadata map[string]string, migration string) bool {
	tag, ok := schedule.ParseTag(metadata)
	return ok && tag.Migration == migration
}

// newSide refuses rows that the new account does not charge.
func (w *work) newSide(r *standing.Row) decision {
	switch {
	case r.State == ledger.Canceled, r.State == ledger.Refused:
		return refused("not_migrated", "The new account has nothing for this row (%s).", r.State)
	case r.Schedule == nil && r.Live == nil, !r.Exists() && !r.EndedAsAsked():
		return refused("destination_gone", "What this row has become in the new account is gone, or canceled.")
	case r.EndsUnasked():
		return refused("destination_ends", "%s of the new account ends on %s, and not because the row says so.", r.Live.ID, words.Minute(r.Live.EndOf()))
	case r.Idle():
		return refused("destination_idle", "%s of the new account does not charge (%s).", r.Live.ID, r.Live.Status)
	}
	return decision{}
}

// ofDestination refuses rows whose new side is not certain.
func (w *work) ofDestination(r *standing.Row) decision {
	gone := w.newSide(r)
	gone.sentence += " Without the source, nobody would charge: it is left as it is, and goes on. Cancel it yourself if the customer is leaving; otherwise, migrate the row again."
	switch {
	case gone.code == "not_migrated":
		return gone
	case r.State != ledger.Scheduled && r.State != ledger.Releasing && r.State != ledger.Released, r.ScheduleID == "" && r.SubscriptionID == "":
		return refused("not_certain", "It is not known whether the new account has this row (%s): migrate resume, or cancel, finds out.", r.State)
	case r.SourceID == "":
		return refused("no_source", "The row names no subscription of the source account (metadata.old_Stripe_sub_id).")
	case !strings.HasPrefix(r.SourceID, "sub_"):
		return refused("not_of_stripe", "%s is no subscription of Stripe's: it is stopped where it lives.", r.SourceID)
	case w.shared[r.SourceID] > 1:
		return refused("shared_source", "%d rows of the file name %s: only one of them can have replaced it.", w.shared[r.SourceID], r.SourceID)
	case gone.code != "":
		return gone
	case r.VerifiedAt.IsBlank():
		return refused("not_verified", "The row was not verified, or was found different: migrate verify says how.")
	}
	metadata := map[string]string{}
	if r.Live != nil {
		metadata = r.Live.Metadata
	} else if r.Schedule != nil {
		metadata = r.Schedule.Metadata
	}
	if tag, ok := schedule.ParseTag(metadata); !ok || tag != (schedule.Tag{Migration: w.mig.ID, Row: r.Row}) {
		return refused("changed", "What this row has become does not carry the row's mark any more: somebody has changed it. Verify again.")
	}
	return decision{}
}

// firstCharge is when the destination charges first; blank when it ends without a charge.
func firstCharge(r *standing.Row) csvspec.Timestamp {
	if r.Live != nil {
		return r.Live.FirstCharge()
	}
	return r.Schedule.FirstCharge()
}

// howToStop refuses rows that cannot be stopped in the way that was asked for, or not at this time.
func (w *work) howToStop(r *standing.Row) decision {
	s, stop := r.Old, w.options.Stop
	end, first := s.PeriodEnd(), firstCharge(r)
	charges, now := !s.Next().IsBlank(), r.Now(w.now)
	tolerance := csvspec.Timestamp(w.options.Tolerance / time.Second)
	switch {
	case s.Schedule != "" && !stop.Pause:
		return refused("scheduled", "%s is governed by the schedule %s, which decides how it ends: release that first.", s.ID, s.Schedule)
	case stop.Pause && s.Pause != nil:
		return refused("paused", "%s is paused already (%s), by somebody else: an undo would not know to what. Cancel it at its period's end instead.", s.ID, s.Pause.Behavior)
	case charges && end <= max(now, csvspec.At(w.Clock.Now()))+csvspec.Timestamp(margin/time.Second):
		return refused("due", "%s charges at %s, within the hour: too late to be certain that it will not. Run this again after that.", s.ID, words.Minute(end))
	case !stop.At.IsBlank() && !endsAt(s, stop.At):
		return refused("inside_period", "%s is not the end of one of its periods (the present one ends on %s): the customer would lose time that is paid.", words.Minute(stop.At), words.Minute(end))
	case !stop.At.IsBlank():
		end = stop.At
	}
	switch {
	case first.IsBlank(), !charges: // nothing can be charged twice, or between
	case first <= now && first < end-tolerance && w.options.Late:
	case first <= now && first < end-tolerance:
		return refused("charged_twice", "Both accounts have charged since %s; the source is paid until %s. --late stops it all the same; then give one charge back.", words.Minute(first), words.Minute(end))
	case first < end-tolerance:
		return refused("overlap", "The new account charges on %s, and the source is paid until %s: the time between would be paid twice.", words.Minute(first), words.Minute(end))
	case first > end+tolerance && !endsNear(s, first, tolerance):
		return refused("gap", "The source ends on %s, and the new account charges from %s: nobody would charge for the time between, and no later period of the source ends near that either. Move the start of the new one to the end of a period of the source.", words.Minute(end), words.Minute(first))
	case first > end+tolerance:
		return refused("gap", "The source ends on %s, and the new account charges from %s: nobody would charge for the time between. Run this again after the source's charge on %[1]s.", words.Minute(end), words.Minute(first))
	}
	return decision{}
}

// endsAt tells whether a period of the subscription ends at a moment.
func endsAt(s *standing.Subscription, at csvspec.Timestamp) bool {
	end := s.PeriodEnd()
	return at == end || at > end && s.Cycle().Valid() && endsNear(s, at, 0)
}

// endsNear tells whether a period of the subscription ends as near to a moment as is tolerated.
func endsNear(s *standing.Subscription, at, tolerance csvspec.Timestamp) bool {
	cycle := s.Cycle()
	if !cycle.Valid() {
		return true // it is not known
	}
	for n := int64(1); n <= mostPeriods; n++ {
		if next := cycle.Nth(s.Anchor, n); next >= at-tolerance {
			return next <= at+tolerance
		}
	}
	return false
}

// mostPeriods bounds how far ahead, from the anchor, the end of a period is looked for: a century of months.
const mostPeriods = 1200

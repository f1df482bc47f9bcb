package cutover

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/internal/standing"
	"github.com/subferry/subferry/migrate/schedule"
)

// Stop is how a source subscription is stopped. The zero value cancels it at the end of its period.
type Stop struct {
	Pause bool              // it goes on, and its invoices are void
	At    csvspec.Timestamp // it is canceled at this moment, which has to be the end of one of its periods; blank is the present one's
}

// String returns the stop as the ledger has it: period_end, pause or at:UNIX.
func (s Stop) String() string {
	switch {
	case s.Pause:
		return "pause"
	case !s.At.IsBlank():
		return "at:" + strconv.FormatInt(int64(s.At), 10)
	}
	return "period_end"
}

// MarkKey is the metadata key under which a cutover marks what it has stopped.
const MarkKey = schedule.TagKey + "_cutover"

// mark is what a stopped subscription carries: whose it is, how it was stopped, and what an undo has to restore.
type mark struct {
	tag  schedule.Tag
	stop Stop
	was  csvspec.Timestamp // cancel_at that it had before; blank is none
}

// text returns what the ledger keeps of the mark: how it was stopped, and what was before.
func (m mark) text() string {
	if m.was.IsBlank() {
		return m.stop.String()
	}
	return m.stop.String() + " was:" + strconv.FormatInt(int64(m.was), 10)
}

// String returns the mark as it stands in the metadata: MIGRATION/ROW STOP [was:UNIX].
func (m mark) String() string { return m.tag.String() + " " + m.text() }

// markOf reads the mark of a subscription; false means that no cutover has stopped it.
func markOf(s *standing.Subscription) (m mark, ok bool) {
	words := strings.Fields(s.Metadata[MarkKey])
	if len(words) < 2 {
		return m, false
	}
	m.tag, ok = schedule.ParseTag(map[string]string{schedule.TagKey: words[0]})
	m.stop.Pause = words[1] == "pause"
	m.stop.At = moment(words[1], "at:")
	if len(words) > 2 {
		m.was = moment(words[2], "was:")
	}
	return m, ok && m.stop.String() == words[1]
}

func moment(text, prefix string) csvspec.Timestamp {
	digits, _ := strings.CutPrefix(text, prefix)
	n, _ := strconv.ParseInt(digits, 10, 64)
	return csvspec.Timestamp(n)
}

// done tells whether the subscription is stopped as the mark says.
func (m mark) done(s *standing.Subscription) bool {
	switch {
	case s.Ended():
		return true
	case m.stop.Pause:
		return s.Pause != nil && s.Pause.Behavior == "void" && s.Pause.ResumesAt.IsBlank()
	case !m.stop.At.IsBlank():
		return s.CancelAt == m.stop.At
	}
	return s.CancelAtPeriodEnd
}

// restored tells whether the subscription goes on as it did before it was stopped as the mark says.
func (m mark) restored(s *standing.Subscription) bool {
	if m.stop.Pause {
		return s.Pause == nil
	}
	return !s.Ended() && !s.CancelAtPeriodEnd && s.CancelAt == m.was
}

// change stops the subscription and marks it.
func (m mark) change() migrate.SubscriptionChange {
	c := migrate.SubscriptionChange{Metadata: map[string]string{MarkKey: m.String()}}
	yes, void := true, "void"
	switch {
	case m.stop.Pause:
		c.Pause = &void
	case !m.stop.At.IsBlank():
		c.CancelAt = &m.stop.At
	default:
		c.CancelAtPeriodEnd = &yes
	}
	return c
}

// undo lets the subscription go on as it was, and takes the mark away.
func (m mark) undo() migrate.SubscriptionChange {
	c := migrate.SubscriptionChange{Metadata: map[string]string{MarkKey: ""}}
	no, collects := false, ""
	switch {
	case m.stop.Pause:
		c.Pause = &collects
	case !m.was.IsBlank() || !m.stop.At.IsBlank():
		c.CancelAt = &m.was
	default:
		c.CancelAtPeriodEnd = &no
	}
	return c
}

// money writes an amount with its currency.
func money(minor int64, currency string) string {
	return csvspec.Money{Minor: minor, Currency: currency}.String()
}

// UnsettledError is a cutover at whose end it was not known of some rows whether they are stopped, or go on.
type UnsettledError struct{ Rows int64 }

// Error says what to do.
func (e *UnsettledError) Error() string {
	return fmt.Sprintf("Stripe did not say what became of %d rows: the same command looks them up and goes on", e.Rows)
}

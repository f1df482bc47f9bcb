package cutover

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
	"github.com/subferry/subferry/migrate/internal/standing"
	"github.com/subferry/subferry/migrate/ledger"
)

// Who is the side that charges a row next.
type Who string

// The sides. Both and Nobody are alarms.
const (
	BySource      Who = "source"
	ByDestination Who = "destination"
	ByBoth        Who = "both"
	ByNobody      Who = "nobody"
	ByNone        Who = "ended" // nobody, because the row says that it ends
	ByUnknown     Who = "unknown"
)

// Whos returns all sides, in the order in which they are shown.
func Whos() []Who { return []Who{BySource, ByDestination, ByBoth, ByNobody, ByNone, ByUnknown} }

// Alarm tells whether a customer would be charged twice, or not at all.
func (w Who) Alarm() bool { return w == ByBoth || w == ByNobody }

// Billing says who charges one row next.
type Billing struct {
	Row            int64  `json:"row"`
	Line           int64  `json:"line"`
	Customer       string `json:"customer"`
	SourceID       string `json:"source_id"`
	ScheduleID     string `json:"schedule_id"`
	SubscriptionID string `json:"subscription_id"` // of the destination, once it exists
	Who            Who    `json:"who"`
	SourceNext     string `json:"source_next"`      // when the source charges next, RFC 3339; "" is never, or not known
	Next           string `json:"destination_next"` // when the destination does
	Sentence       string `json:"sentence"`
}

// Bills says who charges the rows of a migration next.
type Bills struct {
	ID        string        `json:"id"`
	At        string        `json:"at"` // RFC 3339; later than this computer's clock when the accounts show that it is
	Rows      int64         `json:"rows"`
	Counts    map[Who]int64 `json:"counts"`      // of every side, also 0
	Alarms    int64         `json:"alarms"`      // rows with both, or nobody
	ToCutOver int64         `json:"to_cut_over"` // rows that the source charges now, and both would from FirstBoth on
	FirstBoth string        `json:"first_both"`  // RFC 3339
	List      []Billing     `json:"list"`        // all rows
}

// alarmLead is how long before both would charge that is an alarm.
const alarmLead = 24 * time.Hour

// WhoBills answers for each row which account charges it next, as both stand at this moment. Without a source account, the
// answer is unknown wherever it depends on that. It changes nothing. A source key of another account than the subscriptions come from is a *WrongSourceError.
func (c *Cutover) WhoBills(ctx context.Context, id string) (*Bills, error) {
	mig, err := c.Ledger.Migration(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := c.Destination.Migrator.CheckAccount(ctx, mig); err != nil {
		return nil, err
	}
	destination := standing.Account{Reader: c.Destination.Reader, Sender: c.Destination.Migrator.Until(nil)}
	var source *standing.Account
	bound := mig.SourceAccount != ""
	if c.Source != nil {
		if _, err := c.sourceAccount(ctx, mig); err != nil {
			return nil, err
		}
		source = &standing.Account{Reader: c.Source.Writer, Sender: c.Source.Migrator.Until(nil)}
	}
	var entries []ledger.Entry
	for e, err := range c.Ledger.Entries(ctx, id) {
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	rows, err := standing.Read(ctx, destination, source, entries)
	if err != nil {
		return nil, err
	}
	now := standing.Now(csvspec.At(c.Clock.Now()), rows)
	b := &Bills{ID: id, At: now.String(), Rows: int64(len(rows)), Counts: map[Who]int64{}, List: make([]Billing, 0, len(rows))}
	for _, who := range Whos() {
		b.Counts[who] = 0
	}
	both := csvspec.Timestamp(0)
	for i := range rows {
		v := judge(&rows[i], rows[i].Now(now), bound)
		b.Counts[v.who]++
		if v.who.Alarm() {
			b.Alarms++
		}
		if v.who == BySource && !v.both.IsBlank() {
			b.ToCutOver++
			if both.IsBlank() || v.both < both {
				both = v.both
			}
		}
		b.List = append(b.List, v.billing(&rows[i]))
	}
	b.FirstBoth = both.String()
	return b, nil
}

// verdict is who charges a row next, and why.
type verdict struct {
	who          Who
	source, next csvspec.Timestamp // of source and destination; blank is never, or not known
	both         csvspec.Timestamp // from when on both would charge if nothing is done
	sentence     string
}

func (v verdict) billing(r *standing.Row) Billing {
	b := Billing{
		Row: r.Row, Line: r.Line, Customer: r.Customer, SourceID: r.SourceID, ScheduleID: r.ScheduleID, SubscriptionID: r.SubscriptionID,
		Who: v.who, SourceNext: v.source.String(), Next: v.next.String(), Sentence: v.sentence,
	}
	if r.Live != nil {
		b.SubscriptionID = r.Live.ID
	}
	return b
}

// judge says who charges a row next. Bound tells whether the source account is known to be where the subscriptions come from:
// what another account lacks may well go on.
func judge(r *standing.Row, now csvspec.Timestamp, bound bool) (v verdict) {
	say := func(who Who, format string, args ...any) verdict {
		v.who, v.sentence = who, fmt.Sprintf(format, args...)
		return v
	}
	exists := r.Exists()
	if exists && r.Live != nil {
		v.next = r.Live.Next()
	} else if exists {
		v.next = r.Schedule.FirstCharge()
	}
	switch {
	case r.SourceID == "":
		return say(ByUnknown, "The row names no subscription of the source account.")
	case !r.SourceRead:
		return say(ByUnknown, "The source account was not read: no key for it was given.")
	case r.Old == nil && !bound:
		return say(ByUnknown, "The account of the source key has no subscription %s, and nothing was ever found there: it may be another account's. Run migrate verify with a key of the source account first.", r.SourceID)
	case r.State == ledger.Intended || r.State == ledger.Unknown:
		return say(ByUnknown, "It is not known yet whether the new account has this row: migrate resume finds out.")
	}
	if r.Old != nil {
		v.source = r.Old.Next()
	}
	switch {
	case !v.source.IsBlank() && !v.next.IsBlank():
		return bothCharge(v, r, now, say)
	case !v.source.IsBlank():
		return say(BySource, "The source account charges on %s%s.", words.Minute(v.source), map[bool]string{
			true: "; the new one does not charge, as the row says", false: "; the new account has nothing that charges"}[(exists || r.EndedAsAsked()) && !r.Idle() && !r.EndsUnasked()])
	case !v.next.IsBlank():
		if until, known := paidUntil(r.Old); known && v.next > until+csvspec.Timestamp(DefaultTolerance/time.Second) && v.next == firstCharge(r) {
			return say(ByNobody, "The source is paid until %s, and the new account charges from %s only: nobody charges for the time between.", words.Minute(until), words.Minute(v.next))
		}
		return say(ByDestination, "The new account charges on %s; the source %s.", words.Minute(v.next), stoppedWords(r.Old))
	case r.Idle():
		return say(ByNobody, "The source %s, and %s of the new account does not charge (%s).", stoppedWords(r.Old), r.Live.ID, r.Live.Status)
	case r.EndsUnasked():
		return say(ByNobody, "%s of the new account ends on %s, and not because the row says so; the source %s: nobody charges after that.", r.Live.ID, words.Minute(r.Live.EndOf()), stoppedWords(r.Old))
	case exists || r.EndedAsAsked():
		return say(ByNone, "It ends as the row says, and nobody is to charge; the source %s.", stoppedWords(r.Old))
	}
	return say(ByNobody, "The source %s, and the new account has nothing that charges: the customer has the service for nothing, or has lost it.", stoppedWords(r.Old))
}

// bothCharge judges a row that both accounts charge, or will.
func bothCharge(v verdict, r *standing.Row, now csvspec.Timestamp, say func(Who, string, ...any) verdict) verdict {
	first := firstCharge(r)
	if first <= now {
		return say(ByBoth, "Both charge: the new account since %s, the source on %s. Stop the source (migrate cutover --late), and give one charge back.", words.Minute(first), words.Minute(v.source))
	}
	v.both = max(first, v.source)
	if until := now + csvspec.Timestamp(alarmLead/time.Second); v.both <= until {
		return say(ByBoth, "Both are about to charge: the new account on %s, the source on %s. Stop the source now (migrate cutover).", words.Minute(first), words.Minute(v.source))
	}
	w := say(BySource, "The source account charges; from %s on both would: stop the source before (migrate cutover).", words.Minute(v.both))
	w.both = v.both
	return w
}

// paidUntil is when what the source was paid for ends; false when that does not bound it.
func paidUntil(s *standing.Subscription) (csvspec.Timestamp, bool) {
	switch {
	case s == nil || s.Status == "unpaid" || s.Status == "paused" || s.Pause != nil:
		return 0, false
	case s.Ended():
		return s.EndedAt, true
	}
	return s.EndOf(), true
}

func stoppedWords(s *standing.Subscription) string {
	switch {
	case s == nil:
		return "is gone"
	case s.Ended():
		return "has ended on " + words.Minute(s.EndedAt).String()
	case s.Pause != nil:
		return "is paused"
	case s.CancelAtPeriodEnd || !s.CancelAt.IsBlank():
		return "ends on " + words.Minute(s.EndOf()).String()
	}
	return "does not charge (" + s.Status + ")"
}

// WriteCSV writes all rows as a table.
func (b *Bills) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"row", "line", "customer", "source_id", "schedule_id", "subscription_id", "who", "source_next", "destination_next", "sentence"}); err != nil {
		return err
	}
	for _, one := range b.List {
		if err := out.Write([]string{
			strconv.FormatInt(one.Row, 10), strconv.FormatInt(one.Line, 10), one.Customer, one.SourceID, one.ScheduleID, one.SubscriptionID,
			string(one.Who), one.SourceNext, one.Next, one.Sentence,
		}); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

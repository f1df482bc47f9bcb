package webhooks

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/subferry/subferry/csvspec/words"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/migrate/serve/store"
	"github.com/subferry/subferry/migrate/usage"
)

// noteSources notes what somebody has done to the subscriptions that rows come from: who bills a row may have changed. What a
// cutover of this program has done is no news.
func (p *Applier) noteSources(ctx context.Context, a store.EventAccount, jobs []job) error {
	about := map[string][]*job{}
	for i := range jobs {
		if e := &jobs[i].event; e.object.Object == "subscription" && !e.Ours {
			about[e.Subscription] = append(about[e.Subscription], &jobs[i])
		}
	}
	if len(about) == 0 {
		return nil
	}
	all, err := p.Ledger.Migrations(ctx)
	if err != nil {
		return err
	}
	for _, m := range all {
		elsewhere := m.SourceAccount != "" && m.SourceAccount != a.Account || m.Account == a.Account
		if elsewhere || m.Livemode != a.Livemode || m.Status == ledger.StatusCanceled {
			continue
		}
		for row, err := range p.Ledger.Entries(ctx, m.ID) {
			if err != nil {
				return err
			}
			for _, j := range about[row.SourceID] {
				kind, sentence := j.event.change(schedule.Tag{Migration: m.ID, Row: row.Row})
				if kind == "" {
					j.done = fmt.Sprintf("row %d of %s: nothing that matters to it has changed", row.Row, m.ID)
					continue
				}
				j.notes = append(j.notes, store.EventNote{Migration: m.ID, Row: row.Row, Line: row.Line, Subject: row.SourceID, Kind: kind, Sentence: sentence})
				j.done = fmt.Sprintf("row %d of %s: the source subscription: %s", row.Row, m.ID, kind)
			}
		}
	}
	return nil
}

// terms are the fields of a subscription that say what is charged, and to whom.
func terms() []string {
	return []string{"items", "plan", "quantity", "discount", "discounts", "collection_method", "default_tax_rates", "automatic_tax", "trial_end", "billing_cycle_anchor",
		"application_fee_percent", "schedule"}
}

// change says what has happened to a row's source subscription: what the event itself says, which stays true whatever comes
// later. "" is nothing that matters.
func (e *Event) change(tag schedule.Tag) (kind, sentence string) {
	s, has := &e.object.subscription, func(name string) bool { _, ok := e.before[name]; return ok }
	at := words.Minute(e.Created)
	if e.Type == "customer.subscription.deleted" {
		if e.marked(tag) {
			return "", ""
		}
		return "ended", fmt.Sprintf("The source subscription was ended on %s, and not by a cutover: see who bills the row now.", at)
	}
	if e.odd {
		return "changed", fmt.Sprintf("The source subscription was changed on %s, and the event's form is not known here: migrate verify reads what it has become.", at)
	}
	var said []string
	say := func(as, format string, args ...any) {
		if kind == "" {
			kind = as
		}
		said = append(said, fmt.Sprintf(format, args...))
	}
	switch {
	case e.Type == "customer.subscription.paused" || has("status") && s.Status == "paused":
		say("stopped", "was paused")
	case e.Type == "customer.subscription.resumed":
		say("goes_on", "was resumed")
	case has("pause_collection") && s.Pause != nil:
		say("stopped", "is not collected any more (%s)", s.Pause.Behavior)
	case has("pause_collection"):
		say("goes_on", "is collected again")
	case (has("cancel_at_period_end") || has("cancel_at")) && (s.CancelAtPeriodEnd || !s.CancelAt.IsBlank()):
		say("stopped", "was set to end on %s", words.Minute(s.EndOf()))
	case has("cancel_at_period_end") || has("cancel_at"):
		say("goes_on", "will not end any more, as it would have")
	}
	var changed []string
	for _, name := range terms() {
		if has(name) && (name != "items" || !e.onlyPeriods()) {
			changed = append(changed, name)
		}
	}
	if len(changed) > 0 {
		say("changed", "has other terms (%s): migrate verify compares them with the row", strings.Join(changed, ", "))
	}
	if has("current_period_end") || has("current_period_start") || has("items") && e.onlyPeriods() {
		say("renewed", "has begun a new period, which is paid until %s: the row has to begin then", words.Minute(s.PeriodEnd()))
	}
	if kind == "" {
		return "", ""
	}
	return kind, fmt.Sprintf("On %s the source subscription %s.", at, strings.Join(said, "; it "))
}

// onlyPeriods tells whether of the items nothing but their periods has changed, which stand there since API version
// 2025-03-31.
func (e *Event) onlyPeriods() bool {
	var old, now any
	return json.Unmarshal(e.before["items"], &old) == nil && json.Unmarshal(e.object.Items, &now) == nil && !differs(old, now)
}

// differs tells whether what an object was differs from what it is, apart from its periods. What it was may have been told in
// part.
func differs(old, now any) bool {
	switch old := old.(type) {
	case map[string]any:
		is, ok := now.(map[string]any)
		for name, value := range old {
			if !strings.HasPrefix(name, "current_period_") && (!ok || differs(value, is[name])) {
				return true
			}
		}
		return !ok
	case []any:
		is, ok := now.([]any)
		for i := range old {
			if !ok || len(is) != len(old) || differs(old[i], is[i]) {
				return true
			}
		}
		return !ok
	}
	return old != now
}

// noteUsage notes that Stripe has dropped usage; migrate usage reconcile takes the report from the stored event.
func noteUsage(j *job) {
	if !slices.Contains(usage.ReportTypes(), j.event.Type) {
		return
	}
	reports, err := usage.ReadReports(bytes.NewReader(j.stored.Raw))
	if err != nil || len(reports) == 0 { // those of the newer kind only say that there is one
		j.done = "an error report about usage, without its content: migrate usage reconcile asks for it"
		return
	}
	var said []string
	for _, r := range reports {
		said = append(said, fmt.Sprintf("%s (%s): %s", words.Count(r.Count, "usage event"), r.Code, r.Remedy))
	}
	j.notes = append(j.notes, store.EventNote{Subject: reports[0].Meter, Kind: "usage_dropped", Sentence: "Stripe has dropped " + strings.Join(said, "; ") + "."})
	j.done = "an error report about usage: migrate usage reconcile compares"
}

package usage

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
)

// The events by which Stripe tells that it has dropped usage.
const (
	eventErrorReport = "v1.billing.meter.error_report_triggered"
	eventNoMeter     = "v1.billing.meter.no_meter_found"
)

// ReportTypes returns the types of those events.
func ReportTypes() []string { return []string{eventErrorReport, eventNoMeter} }

// ErrorReport is one code of an error report: Stripe counts what it has dropped, and names samples.
type ErrorReport struct {
	Event   string         `json:"event"` // its ID
	Type    string         `json:"type"`
	Meter   string         `json:"meter_id"` // "" when there is none
	Code    string         `json:"code"`
	Count   int64          `json:"count"`
	Remedy  string         `json:"remedy"`
	Samples []ReportSample `json:"samples"`
	Created time.Time      `json:"-"` // when Stripe has made it; zero when it does not say
}

// ReportSample is one dropped event.
type ReportSample struct {
	Identifier string `json:"identifier"`
	Message    string `json:"message"` // Stripe's own
	Row        int64  `json:"row"`     // of the run; 0 when it is none of the run's events
	Line       int64  `json:"line"`
}

// Remedy says what to do about a code of an error report.
func Remedy(code string) string {
	switch code {
	case "meter_event_customer_not_found":
		return "create the customer or write the right ID (--customers maps old ones), and send the rows under new identifiers"
	case "meter_event_no_customer_defined":
		return "the payload lacks the key that the meter finds the customer under: name the column as the meter does, and send the rows under new identifiers"
	case "meter_event_dimension_count_too_high":
		return "the payload has more dimensions than the meter takes: remove payload_ columns, and send the rows under new identifiers"
	case "archived_meter":
		return "the meter is deactivated: reactivate it, or use the one that has taken its place, and send the rows under new identifiers"
	case "timestamp_too_far_in_past":
		return "Stripe takes usage of the last 35 days only: settle the rest with an invoice item"
	case "timestamp_in_future":
		return "Stripe takes usage at most 5 minutes ahead: check the clock and the zone, and send the rows again when their time has come"
	case "meter_event_value_not_found":
		return "the payload lacks the key that the meter finds the value under: name the column as the meter does, and send the rows under new identifiers"
	case "meter_event_invalid_value":
		return "the meter takes plain numbers: mend the values, and send the rows under new identifiers"
	case "no_meter":
		return "no meter has this event name: create the meter or write the right name, and send the rows under new identifiers"
	}
	return "this code is not known here: look it up in Stripe's documentation of meter event errors, and send the rows under new identifiers when its cause is mended"
}

// reportEvent is an error report as an event of the list, or of a webhook, has it: the older shape keeps it in data.object.
type reportEvent struct {
	ID            string          `json:"id"`
	Type          string          `json:"type"`
	Created       json.RawMessage `json:"created"` // Unix seconds, or RFC 3339 in the second API
	RelatedObject *relatedObject  `json:"related_object"`
	Data          json.RawMessage `json:"data"`
}

// createdAt is when Stripe has made an event; zero when it does not say.
func (e *reportEvent) createdAt() time.Time {
	var at time.Time
	if seconds, err := strconv.ParseInt(string(e.Created), 10, 64); err == nil {
		return time.Unix(seconds, 0)
	}
	_ = json.Unmarshal(e.Created, &at) // what is no time says nothing
	return at
}

type relatedObject struct {
	ID string `json:"id"`
}

type reportData struct {
	Reason        *reportReason   `json:"reason"`
	RelatedObject *relatedObject  `json:"related_object"`
	Object        json.RawMessage `json:"object"`
}

type reportReason struct {
	ErrorTypes []struct {
		Code         string `json:"code"`
		ErrorCount   int64  `json:"error_count"`
		SampleErrors []struct {
			Message string `json:"error_message"`
			Request struct {
				Identifier string `json:"identifier"`
			} `json:"request"`
		} `json:"sample_errors"`
	} `json:"error_types"`
}

// reports takes an event apart; events of other types have none.
func (e *reportEvent) reports() (all []ErrorReport, err error) {
	if e.Type != eventErrorReport && e.Type != eventNoMeter {
		return nil, nil
	}
	var data reportData
	if len(e.Data) == 0 {
		return nil, fmt.Errorf("the event %s of type %s has no data, as Stripe sends it to some destinations: fetch it with GET /v2/core/events/%s and hand in the answer", e.ID, e.Type, e.ID)
	}
	if err = json.Unmarshal(e.Data, &data); err == nil && data.Reason == nil && len(data.Object) > 0 {
		err = json.Unmarshal(data.Object, &data)
	}
	if err == nil && data.Reason == nil {
		err = errors.New("it has no reason")
	}
	if err != nil {
		return nil, fmt.Errorf("the event %s of type %s cannot be read: %w", e.ID, e.Type, err)
	}
	meter := ""
	for _, o := range []*relatedObject{data.RelatedObject, e.RelatedObject} {
		if o != nil {
			meter = o.ID
		}
	}
	for _, t := range data.Reason.ErrorTypes {
		one := ErrorReport{Event: e.ID, Type: e.Type, Meter: meter, Code: t.Code, Count: t.ErrorCount, Remedy: Remedy(t.Code), Samples: []ReportSample{}, Created: e.createdAt()}
		for _, s := range t.SampleErrors {
			one.Samples = append(one.Samples, ReportSample{Identifier: s.Request.Identifier, Message: s.Message})
		}
		all = append(all, one)
	}
	return all, nil
}

// ReadReports reads error reports from the bodies of webhooks: a JSON array of events, or one after the other. Events of
// other types are left out.
func ReadReports(in io.Reader) (all []ErrorReport, err error) {
	buffered := bufio.NewReader(in)
	decoder := json.NewDecoder(buffered)
	for n := 1; ; n++ {
		var raw json.RawMessage
		if err := decoder.Decode(&raw); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("event %d is no JSON: %w", n, err)
		}
		events := []reportEvent{{}}
		into := any(&events[0])
		if raw = bytes.TrimSpace(raw); raw[0] == '[' {
			into = &events
		}
		if err := json.Unmarshal(raw, into); err != nil {
			return nil, fmt.Errorf("event %d is no event of Stripe's: %w", n, err)
		}
		for i := range events {
			some, err := events[i].reports()
			if err != nil {
				return nil, err
			}
			all = append(all, some...)
		}
	}
}

// listReports reads the error reports since a run began from the list of events.
func (r *Runner) listReports(ctx context.Context, run ledger.UsageRun) (all []ErrorReport, err error) {
	query := url.Values{"types[]": ReportTypes(), "limit": {"100"}, "created[gte]": {strconv.FormatInt(run.CreatedAt.Time().Add(-time.Hour).Unix(), 10)}}
	for {
		text, err := migrate.Ask(ctx, r.Migrator.Until(nil), func() (json.RawMessage, error) { return r.Gateway.Read(ctx, "/v1/events", query) })
		if err != nil {
			return nil, fmt.Errorf("the list of events cannot be read: %w", err)
		}
		var page struct {
			Data    []reportEvent `json:"data"`
			HasMore bool          `json:"has_more"`
		}
		if err := json.Unmarshal(text, &page); err != nil {
			return nil, fmt.Errorf("the list of events cannot be read: %w", err)
		}
		for i := range page.Data {
			some, err := page.Data[i].reports()
			if err != nil {
				return nil, err
			}
			all = append(all, some...)
			query.Set("starting_after", page.Data[i].ID)
		}
		if !page.HasMore || len(page.Data) == 0 {
			return all, nil
		}
	}
}

// before tells whether a report is older than the sending of an event: it is about an earlier one under the same identifier,
// and what was sent since stands.
func before(one ErrorReport, e ledger.UsageEvent) bool {
	return !one.Created.IsZero() && one.Created.Unix() < int64(e.IntendedAt)
}

// takeReports keeps each report once, of which a sample is of the run or that name no event of any, and records in the
// ledger which events were dropped.
func (r *Runner) takeReports(ctx context.Context, run ledger.UsageRun, reports []ErrorReport) (kept []ErrorReport, rejected int64, err error) {
	kept = []ErrorReport{}
	if len(reports) == 0 {
		return kept, 0, nil
	}
	wanted := map[string]bool{}
	for _, one := range reports {
		for _, s := range one.Samples {
			wanted[s.Identifier] = true
		}
	}
	found := map[string]ledger.UsageEvent{}
	for e, err := range r.Ledger.UsageOf(ctx, r.book()) {
		if err != nil {
			return nil, 0, err
		}
		if wanted[e.Identifier] {
			found[e.Identifier] = e
		}
	}
	seen := map[string]bool{}
	for _, one := range reports {
		if key := one.Event + " " + one.Code; seen[key] {
			continue
		} else {
			seen[key] = true
		}
		others := 0
		for i := range one.Samples {
			s := &one.Samples[i]
			e, ok := found[s.Identifier]
			if !ok || e.Run != run.ID || before(one, e) {
				others++
				continue
			}
			s.Row, s.Line = e.Row, e.Line
			if e.State == ledger.UsageSent {
				e.State, e.ErrorCode, e.Error, e.UpdatedAt = ledger.UsageRejected, one.Code, s.Message, r.now()
				if err := r.Ledger.PutUsage(ctx, e.Run, []ledger.UsageStep{{From: ledger.UsageSent, Event: e}}); err != nil {
					return nil, 0, err
				}
				found[s.Identifier] = e
			}
			rejected++
		}
		if len(one.Samples) == 0 || others < len(one.Samples) {
			kept = append(kept, one)
		}
	}
	slices.SortStableFunc(kept, func(a, b ErrorReport) int { return int(b.Count - a.Count) })
	return kept, rejected, nil
}

package api

import (
	"maps"
	"math/big"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// MeterEventRoute is the endpoint that has a rate limit of its own.
const MeterEventRoute = "POST /v1/billing/meter_events"

// MeterEventSubject names what an event is of: Stripe takes one call at a time for each customer and meter.
func MeterEventSubject(params *form.Node) string {
	return params.String("event_name") + "\n" + payloadOf(params)["stripe_customer_id"]
}

func payloadOf(params *form.Node) map[string]string {
	pairs := map[string]string{}
	if p := params.Get("payload"); p != nil {
		for _, f := range p.Fields {
			pairs[f.Name] = f.Text
		}
	}
	return pairs
}

func createMeterEvent(c *call) (any, error) {
	p := c.params
	e := engine.UsageEvent{
		EventName: p.String("event_name"), Identifier: p.String("identifier"), Payload: payloadOf(p), Timestamp: p.IntOr("timestamp", c.tx.Now),
	}
	if e.Identifier == "" {
		e.Identifier = c.tx.Store.IDs.Next("mevt")
	}
	if err := TakeUsage(c.tx, []engine.UsageEvent{e}); err != nil {
		return nil, err
	}
	return &object.MeterEvent{
		Object: "billing.meter_event", Created: c.tx.Now, EventName: e.EventName, Identifier: e.Identifier, Payload: maps.Clone(e.Payload), Timestamp: e.Timestamp,
	}, nil
}

// TakeUsage takes events, all or none: an identifier that was used within the last day is refused.
func TakeUsage(t *store.Tx, batch []engine.UsageEvent) error {
	if id := engine.DuplicateUsage(t, batch); id != "" {
		return apierr.Coded("duplicate_meter_event", "identifier", "An event already exists with identifier %s.", id)
	}
	engine.RecordUsage(t, batch)
	return nil
}

// adjustMeterEvent cancels an event.
func adjustMeterEvent(c *call) (any, error) {
	p := c.params
	cancel := p.Get("cancel")
	if cancel == nil {
		return nil, apierr.Missing("cancel")
	}
	id := cancel.String("identifier")
	u := engine.CurrentUsage(c.tx, id)
	meter := engine.MeterOf(c.tx, p.String("event_name"))
	switch {
	case meter == nil:
		return nil, apierr.NoSuch("meter", p.String("event_name"), "event_name")
	case u == nil || u.Meter != meter.ID:
		return nil, apierr.NoSuch("meter event", id, "cancel[identifier]")
	case u.Canceled:
		return nil, apierr.Invalid("cancel[identifier]", "The event %s was canceled before.", id)
	case !engine.CanCancelUsage(c.tx, u):
		return nil, apierr.Invalid("cancel[identifier]", "The event %s was received more than 24 hours ago and cannot be canceled.", id)
	}
	c.tx.Usage.Edit(u.ID).Canceled = true
	return &object.MeterEventAdjustment{
		Object: "billing.meter_event_adjustment", Cancel: object.MeterEventIdentifier{Identifier: id}, EventName: meter.EventName, Status: "pending", Type: "cancel",
	}, nil
}

// decimal writes a number without superfluous zeros.
func decimal(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	digits, _ := r.FloatPrec()
	return r.FloatString(digits)
}

package api

import (
	"fmt"
	"maps"
	"math/big"
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

var meterRoutes = map[string]handler{
	"GET /v1/billing/meters":                      listMeters,
	"POST /v1/billing/meters":                     createMeter,
	"GET /v1/billing/meters/{id}":                 retrieveMeter,
	"POST /v1/billing/meters/{id}":                updateMeter,
	"POST /v1/billing/meters/{id}/deactivate":     deactivateMeter,
	"POST /v1/billing/meters/{id}/reactivate":     reactivateMeter,
	"GET /v1/billing/meters/{id}/event_summaries": listSummaries,
	"POST /v1/billing/meter_events":               createMeterEvent,
	"POST /v1/billing/meter_event_adjustments":    adjustMeterEvent,
}

func listMeters(c *call) (any, error) {
	return page(c, c.tx.Store.Meters, "meter", "", func(o *object.Meter) bool { return same(c.params, "status", o.Status) })
}

func retrieveMeter(c *call) (any, error) { return retrieved(c, &c.tx.Meters, "meter", "id") }

func createMeter(c *call) (any, error) {
	p := c.params
	if m := engine.MeterOf(c.tx, p.String("event_name")); m != nil && m.Status == object.MeterActive {
		return nil, apierr.Invalid("event_name", "An active meter with the event_name %s already exists: %s.", m.EventName, m.ID)
	}
	o := object.NewMeter(c.tx.Store.IDs.Next("mtr"), c.tx.Now)
	o.DisplayName, o.EventName = p.String("display_name"), p.String("event_name")
	o.DefaultAggregation.Formula = p.Get("default_aggregation").String("formula")
	o.EventTimeWindow = text(p, "event_time_window")
	if mapping := p.Get("customer_mapping"); mapping != nil {
		o.CustomerMapping = object.MeterMapping{EventPayloadKey: mapping.String("event_payload_key"), Type: mapping.String("type")}
	}
	if value := p.Get("value_settings"); value != nil {
		o.ValueSettings.EventPayloadKey = value.String("event_payload_key")
	}
	c.tx.Meters.Put(o)
	store.Emit(c.tx, "billing.meter.created", o)
	return o, nil
}

// changeMeter edits a meter that is there.
func (c *call) changeMeter(event string, change func(*object.Meter)) (any, error) {
	if _, err := retrieved(c, &c.tx.Meters, "meter", "id"); err != nil {
		return nil, err
	}
	o := c.tx.Meters.Edit(c.id)
	change(o)
	o.Updated = c.tx.Now
	store.Emit(c.tx, event, o)
	return o, nil
}

func updateMeter(c *call) (any, error) {
	return c.changeMeter("billing.meter.updated", func(o *object.Meter) {
		if c.params.Has("display_name") {
			o.DisplayName = c.params.String("display_name")
		}
	})
}

func deactivateMeter(c *call) (any, error) {
	return c.changeMeter("billing.meter.deactivated", func(o *object.Meter) {
		o.Status, o.StatusTransitions.DeactivatedAt = object.MeterInactive, object.Stamp(c.tx.Now)
	})
}

func reactivateMeter(c *call) (any, error) {
	return c.changeMeter("billing.meter.reactivated", func(o *object.Meter) {
		o.Status, o.StatusTransitions.DeactivatedAt = object.MeterActive, 0
	})
}

// listSummaries sums up a customer's usage, by windows when that is asked for, the newest first.
func listSummaries(c *call) (any, error) {
	meter, err := retrieved(c, &c.tx.Meters, "meter", "id")
	if err != nil {
		return nil, err
	}
	customer, err := lookup(c, &c.tx.Customers, "customer", c.params.String("customer"), "customer")
	if err != nil {
		return nil, err
	}
	from, to := c.params.IntOr("start_time", 0), c.params.IntOr("end_time", 0)
	window, unit := int64(0), int64(60)
	switch c.params.String("value_grouping_window") {
	case "hour":
		window, unit = 3600, 3600
	case "day":
		window, unit = 86400, 86400
	}
	switch {
	case from%unit != 0:
		return nil, apierr.Invalid("start_time", "The start_time must be a multiple of %d seconds; it is %d.", unit, from)
	case to%unit != 0:
		return nil, apierr.Invalid("end_time", "The end_time must be a multiple of %d seconds; it is %d.", unit, to)
	case to <= from:
		return nil, apierr.Invalid("end_time", "The end_time must be after the start_time.")
	}
	sums := engine.UsedIn(c.tx, meter, customer.ID, from, to, window)
	if window == 0 {
		window = to - from
		if sums[from] == nil {
			sums[from] = new(big.Rat)
		}
	}
	table := store.NewTable((*object.MeterEventSummary).Key, nil)
	for _, start := range slices.Sorted(maps.Keys(sums)) {
		table.Put(&object.MeterEventSummary{
			ID: fmt.Sprintf("mtrsum_%s_%s_%d_%d", meter.ID, customer.ID, start, window), Object: "billing.meter_event_summary",
			AggregatedValue: object.Number(decimal(sums[start])), StartTime: start, EndTime: start + window, Meter: meter.ID,
		})
	}
	return page(c, table, "meter event summary", "", func(*object.MeterEventSummary) bool { return true })
}

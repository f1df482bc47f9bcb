package accountfile

import (
	"errors"
	"fmt"
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// meter checks a meter.
func (l loader) meter(o *object.Meter) error {
	formulas, states := []string{"count", "last", "sum"}, []string{object.MeterActive, object.MeterInactive}
	switch {
	case o.EventName == "":
		return errors.New("event_name is missing")
	case !slices.Contains(formulas, o.DefaultAggregation.Formula):
		return fmt.Errorf("default_aggregation.formula: %q is none of %v", o.DefaultAggregation.Formula, formulas)
	case !slices.Contains(states, o.Status):
		return fmt.Errorf("status: %q is none of %v", o.Status, states)
	case o.CustomerMapping.EventPayloadKey == "" || o.ValueSettings.EventPayloadKey == "":
		return errors.New("the event_payload_key of customer_mapping and of value_settings must not be blank")
	}
	for _, other := range append(l.tx.Store.Meters.All(), l.tx.Meters.Changed...) {
		if other.ID != o.ID && other.EventName == o.EventName && other.Status == object.MeterActive && o.Status == object.MeterActive {
			return fmt.Errorf("event_name: the active meter %s has the same one", other.ID)
		}
	}
	return kindIs(o.Object, "billing.meter")
}

package usage

import (
	"maps"
	"slices"

	"github.com/subferry/subferry/validate"
)

func ruleMeterUnknown() rule {
	return rule{Rule: validate.Rule{
		Code:     "usage_meter_unknown",
		Severity: validate.Error,
		Title:    "The account has no such meter",
		Why:      "Stripe drops the event and reports no_meter later.",
		Fix:      "Create the meter, or write the event name as the meter has it.",
		Bad:      "an event_name that no meter has",
		Good:     "the event_name of a meter",
		Source:   "--online: meters of the account",
	}, check: func(c *check) {
		if c.opts().Meters == nil || c.event.Meter == "" || c.known != nil || c.sentBefore() {
			return
		}
		f := validate.Finding{Column: ColumnEventName, Message: "no meter of the account has this event name."}
		if near := nearest(c.event.Meter, slices.Sorted(maps.Keys(c.opts().Meters))); near != "" {
			f.Message, f.Suggestion = "no meter of the account has this event name; "+near+" may be meant.", near
		}
		c.Report(f)
	}}
}

package usage

import "github.com/subferry/subferry/validate"

func ruleMeterInactive() rule {
	return rule{Rule: validate.Rule{
		Code:     "usage_meter_inactive",
		Severity: validate.Error,
		Title:    "The meter is archived",
		Why:      "A deactivated meter takes no events (archived_meter).",
		Fix:      "Reactivate the meter in Stripe, or send the usage to the meter that has taken its place.",
		Bad:      "the event_name of a deactivated meter",
		Good:     "the event_name of an active meter",
		Source:   "--online: meters of the account",
	}, check: func(c *check) {
		if c.known != nil && !c.known.Active && !c.sentBefore() {
			c.Report(validate.Finding{Column: ColumnEventName, Message: "the meter " + c.known.ID + " is deactivated."})
		}
	}}
}

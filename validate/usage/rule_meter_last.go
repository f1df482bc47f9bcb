package usage

import "github.com/subferry/subferry/validate"

func ruleMeterLast() rule {
	return rule{Rule: validate.Rule{
		Code:     "usage_meter_last",
		Severity: validate.Warning,
		Title:    "The meter counts the last value only",
		Why:      "A meter that aggregates by last takes the value of the latest event of the period and forgets the others. An old event that is sent late may overwrite nothing, or the wrong one.",
		Fix:      "Check that each row is a level and not an amount that was used.",
		Bad:      "an event of a meter that aggregates by last",
		Good:     "an event of a meter that sums",
		Source:   "--online: meters of the account",
	}, check: func(c *check) {
		if c.known != nil && c.known.Formula == "last" {
			c.reader.once("last "+c.known.ID, func() {
				c.Report(validate.Finding{Column: ColumnEventName, Message: "the meter " + c.known.ID + " takes the last value of a period and forgets the others."})
			})
		}
	}}
}

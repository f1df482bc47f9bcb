package validate

import "github.com/subferry/subferry/csvspec"

func ruleBackdateInMetadata() Rule {
	return Rule{
		Code:     "backdate_in_metadata",
		Severity: Warning,
		Title:    "The original start date is kept in the metadata only",
		Why:      "A schedule cannot be backdated: the subscription's own start date will be the day it goes live. The money is the same; reports that count how long a customer has been subscribed must read the metadata.",
		Fix:      "Nothing has to be changed if that is acceptable. With --direct the row becomes a direct subscription, which keeps the date. Clear backdate_start_date if the original start is not needed.",
		Bad:      "customer,start_date,price,backdate_start_date,proration_behavior\ncus_Ada,1801440000,price_Pro,1767225600,none\n",
		Good:     "customer,start_date,price,proration_behavior\ncus_Ada,1801440000,price_Pro,none\n",
		Source:   "schedules, case 9",
		When:     []csvspec.Field{csvspec.FieldBackdateStartDate},
		Reads:    []csvspec.Field{csvspec.FieldBackdateStartDate},
		Check: func(c *Check) {
			none, _ := c.proration()
			switch kind := c.direct(); {
			case kind == directUnknown:
				c.wait()
			case kind == notDirect && none && c.Row.BackdateStartDate < c.v.now:
				f := Finding{Column: "backdate_start_date"}
				if c.directIn(DirectExact) == notDirect || filled(c.Row.AddInvoiceItems) > 0 {
					f.Fix = "Nothing has to be changed if that is acceptable; no direct subscription expresses a row with a trial or one-off items, or one that is canceled at the end of a whole period. Clear backdate_start_date if the original start is not needed."
				}
				f.Message = "the subscription's own start date will be start_date; this one is kept in its metadata as original_start_date."
				c.Report(f)
			}
		},
	}
}

package validate

import (
	"fmt"
	"strings"
)

func ruleStartAtMidnight() Rule {
	return Rule{
		Code:     "start_at_midnight",
		Severity: Warning,
		Title:    "All starts fall on midnight of a time zone",
		Why:      "Stripe counts in UTC. Midnight of the 1st in Berlin is 23:00 of the 31st in UTC: billed monthly, such a subscription renews on the last day of each month, and it may be charged before the old system has stopped.",
		Fix:      "Decide on one moment together with the old system's last charge. If the day in UTC matters, add the difference to start_date, so that it falls on 00:00 UTC or later of the right day.",
		Bad:      "customer,start_date,price\ncus_Ada,1801436400,price_Pro\ncus_Bob,1802646000,price_Pro\ncus_Cem,1814392800,price_Pro\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\ncus_Bob,1802649600,price_Pro\ncus_Cem,1814400000,price_Pro\n",
		Source:   "what people who migrate suffer from: time zones",
		File: func(t *FileCheck) {
			zones, share := t.tally.starts.midnightZones()
			if len(zones) > 0 {
				t.Report(Finding{Column: "start_date", Message: fmt.Sprintf("%d%% of the start dates fall on midnight in %s, none of them on midnight UTC.", share, strings.Join(zones, ", "))})
			}
		},
	}
}

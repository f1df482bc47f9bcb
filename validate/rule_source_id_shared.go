package validate

import (
	"fmt"

	"github.com/subferry/subferry/csvspec/words"
)

func ruleSourceIDShared() Rule {
	return Rule{
		Code:     "source_id_shared",
		Severity: Warning,
		Title:    "Customers share the ID of a source subscription",
		Why:      "If the source system has each ID once only, one of the rows names the wrong customer, who would be charged for somebody else. It is said once for the file, because some systems number the subscriptions of each customer anew.",
		Fix:      "Check whose subscription it is. Nothing has to be done if the source system gives the same ID to different customers.",
		Bad:      "customer,start_date,price,metadata.third_party_sub_id\ncus_Ada,1801440000,price_Pro,S-17\ncus_Bob,1801440000,price_Pro,S-17\n",
		Good:     "customer,start_date,price,metadata.third_party_sub_id\ncus_Ada,1801440000,price_Pro,S-17\ncus_Bob,1801440000,price_Pro,S-18\n",
		Source:   "toolkit guide, columns metadata.third_party_sub_id and metadata.old_Stripe_sub_id",
		File: func(t *FileCheck) {
			rows, example := t.bySourceID.Different, t.bySourceID.FirstOfDifferent
			if rows == 0 {
				return
			}
			f := Finding{Line: example.Again.Line(), Message: fmt.Sprintf("line %d has the same source ID (metadata third_party_sub_id or old_Stripe_sub_id) for another customer.", example.First.Line())}
			if rows > 1 {
				f.Message += fmt.Sprintf(" So it is with %s.", words.Count(rows-1, "further row"))
			}
			t.Report(f)
		},
	}
}

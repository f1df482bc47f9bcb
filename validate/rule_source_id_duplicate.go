package validate

import "fmt"

func ruleSourceIDDuplicate() Rule {
	return Rule{
		Code:     "source_id_duplicate",
		Severity: Error,
		Title:    "A subscription of the source system stands in the file twice",
		Why:      "One subscription would become two, and the customer be charged by both.",
		Fix:      "Delete one of the two rows, or correct the source ID. For different customers the same ID is no error: see source_id_shared.",
		Bad:      "customer,start_date,price,metadata.third_party_sub_id\ncus_Ada,1801440000,price_Pro,S-17\ncus_Ada,1801526400,price_Pro,S-17\n",
		Good:     "customer,start_date,price,metadata.third_party_sub_id\ncus_Ada,1801440000,price_Pro,S-17\ncus_Ada,1801526400,price_Pro,S-18\n",
		Source:   "toolkit guide, columns metadata.third_party_sub_id and metadata.old_Stripe_sub_id",
		File: func(t *FileCheck) {
			for _, s := range t.bySourceID.Duplicates {
				if t.spoiled[s.Again.Row()] {
					continue // the whole subscription stands there twice, which has been said
				}
				t.reportRow(s.Again, Finding{Fix: t.orRounded(), Message: fmt.Sprintf("line %d has the same customer and source ID (metadata third_party_sub_id or old_Stripe_sub_id).", s.First.Line())})
			}
		},
	}
}

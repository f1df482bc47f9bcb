package validate

import "github.com/subferry/subferry/csvspec"

func ruleMetadataReserved() Rule {
	return Rule{
		Code:     "metadata_reserved",
		Severity: Error,
		Title:    "A metadata key is needed by this program",
		Why:      "The program marks its schedules with the key subferry, to find them again and never create one twice, and keeps the original start date of backdated rows under original_start_date.",
		Fix:      "Give the column another name. If original_start_date holds the same date as backdate_start_date, remove the metadata column.",
		Bad:      "customer,start_date,price,metadata.subferry\ncus_Ada,1801440000,price_Pro,x\n",
		Good:     "customer,start_date,price,metadata.our_reference\ncus_Ada,1801440000,price_Pro,x\n",
		Source:   "schedules: metadata is how a schedule is found again",
		When:     []csvspec.Field{csvspec.FieldMetadata},
		onlyIf:   hasOddMetadata,
		Check: func(c *Check) {
			if c.head != nil && !c.head.reserved {
				return
			}
			for i := range c.Row.Metadata {
				key := c.Row.Metadata[i].Key
				if key == TagKey || key == OriginalStartKey && !c.Row.BackdateStartDate.IsBlank() {
					c.Report(Finding{Column: "metadata." + key, Message: "the key " + key + " is written by this program itself."})
				}
			}
		},
	}
}

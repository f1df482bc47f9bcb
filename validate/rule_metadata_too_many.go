package validate

import (
	"github.com/subferry/subferry/csvspec"
)

func ruleMetadataTooMany() Rule {
	return Rule{
		Code:     "metadata_too_many",
		Severity: Error,
		Title:    "The row has too much metadata",
		Why:      "Stripe keeps at most 50 metadata keys. One of them is taken by this program, to find the schedule again, and a backdated row needs one more for its original start date.",
		Fix:      "Clear metadata cells that nobody needs.",
		Bad:      manyMetadata(50),
		Good:     manyMetadata(49),
		Source:   "toolkit guide, column metadata.KEY: at most 50 keys",
		When:     []csvspec.Field{csvspec.FieldMetadata},
		onlyIf:   hasOddMetadata,
		Check: func(c *Check) {
			room := maxMetadata - 1
			if !c.Row.BackdateStartDate.IsBlank() {
				room--
			}
			if n := len(c.Row.Metadata); n > room {
				c.Report(Finding{Message: c.words("the row has %d metadata entries; at most %d were expected: Stripe keeps %d, and this program needs %d.", n, room, maxMetadata, maxMetadata-room)})
			}
		},
	}
}

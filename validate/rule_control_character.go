package validate

import "github.com/subferry/subferry/csvspec"

func ruleControlCharacter() Rule {
	return Rule{
		Code:     "control_character",
		Severity: Error,
		Title:    "A cell contains an invisible control character",
		Why:      "It came along from another program. An ID with such a character in it is another ID.",
		Fix:      "Type the cell anew; in a spreadsheet: =CLEAN(A2).",
		Bad:      "customer,start_date,price,metadata.name\ncus_Ada,1801440000,price_Pro,Ada\x00\n",
		Good:     "customer,start_date,price,metadata.name\ncus_Ada,1801440000,price_Pro,Ada\n",
		Source:   "RFC 4180: text",
		onlyIf:   hasFault,
		Header:   faultHead("the cell contains a control character.", csvspec.FaultNUL, csvspec.FaultControl),
		Check:    faultCheck("the cell contains a control character.", csvspec.FaultNUL, csvspec.FaultControl),
	}
}

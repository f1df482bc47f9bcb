package validate

import "github.com/subferry/subferry/csvspec"

func ruleTextBroken() Rule {
	return Rule{
		Code:     "text_broken",
		Severity: Error,
		Title:    "A cell has bytes that are not text",
		Why:      "The file mixes encodings, or was cut. What the cell should say cannot be known.",
		Fix:      "Export the file again as UTF-8 (Excel: \"CSV UTF-8\"), or type the cell anew.",
		Bad:      "customer,start_date,price,metadata.name\ncus_Ada,1801440000,price_Pro,Zoë Ren\xc3\n",
		Good:     "customer,start_date,price,metadata.name\ncus_Ada,1801440000,price_Pro,Zoë René\n",
		Source:   "Stripe's files are UTF-8",
		onlyIf:   hasFault,
		Header:   faultHead("the cell has bytes that are not UTF-8 text.", csvspec.FaultEncoding),
		Check:    faultCheck("the cell has bytes that are not UTF-8 text.", csvspec.FaultEncoding),
	}
}

package validate

import "github.com/subferry/subferry/csvspec"

func ruleQuoteSpace() Rule {
	return Rule{
		Code:     "quote_space",
		Severity: Warning,
		Title:    "Spaces stand between a quote and the separator",
		Why:      "This program ignored them. Other programs read the quote as part of the text.",
		Fix:      "Delete the spaces beside the quotes.",
		Bad:      "customer,start_date,price,metadata.name\ncus_Ada,1801440000,price_Pro, \"Ada\"\n",
		Good:     "customer,start_date,price,metadata.name\ncus_Ada,1801440000,price_Pro,\"Ada\"\n",
		Source:   "RFC 4180: spaces are part of a field",
		mends:    MendFix,
		onlyIf:   hasFault,
		Header:   faultHead("spaces stand beside the quotes.", csvspec.FaultSpaceBesideQuote),
		Check:    faultCheck("spaces stand beside the quotes.", csvspec.FaultSpaceBesideQuote),
	}
}

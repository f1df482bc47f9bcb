package validate

import "github.com/subferry/subferry/csvspec"

func ruleQuoteInside() Rule {
	return Rule{
		Code:     "quote_inside",
		Severity: Error,
		Title:    "A quote stands inside a cell without being doubled",
		Why:      "Programs disagree about where such a cell ends.",
		Fix:      "Put the whole text in double quotes, and write each quote inside it twice: \"the \"\"big\"\" plan\".",
		Bad:      "customer,start_date,price,metadata.name\ncus_Ada,1801440000,price_Pro,\"Ada \"Lady\" Lovelace\"\n",
		Good:     "customer,start_date,price,metadata.name\ncus_Ada,1801440000,price_Pro,\"Ada \"\"Lady\"\" Lovelace\"\n",
		Source:   "RFC 4180",
		onlyIf:   hasFault,
		Header:   faultHead("a quote inside the text is not doubled.", csvspec.FaultTextAfterQuote, csvspec.FaultBareQuote),
		Check:    faultCheck("a quote inside the text is not doubled.", csvspec.FaultTextAfterQuote, csvspec.FaultBareQuote),
	}
}

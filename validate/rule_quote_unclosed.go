package validate

import (
	"github.com/subferry/subferry/csvspec"
)

func ruleQuoteUnclosed() Rule {
	return Rule{
		Code:     "quote_unclosed",
		Severity: Error,
		Title:    "A quote is opened and never closed",
		Why:      "Programs that read the file would take everything up to the next quote, often the whole rest of the file, for one cell.",
		Fix:      "Close the quote at the end of the text, or delete it. A quote that belongs to the text is written twice.",
		Bad:      "customer,start_date,price,metadata.name\ncus_Ada,1801440000,price_Pro,\"Ada\n",
		Good:     "customer,start_date,price,metadata.name\ncus_Ada,1801440000,price_Pro,\"Ada\"\n",
		Source:   "RFC 4180",
		onlyIf:   hasFault,
		Header:   faultHead("the quote is never closed; the cell was read up to its next separator.", csvspec.FaultUnclosedQuote),
		Check:    faultCheck("the quote is never closed; the cell was read up to its next separator.", csvspec.FaultUnclosedQuote),
	}
}

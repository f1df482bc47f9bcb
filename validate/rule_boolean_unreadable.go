package validate

import (
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
	"github.com/subferry/subferry/validate/dates"
)

func ruleBooleanUnreadable() Rule {
	return Rule{
		Code:     "boolean_unreadable",
		Severity: Error,
		Title:    "true or false was expected",
		Why:      "What is not understood here decides whether tax is computed or a subscription ends.",
		Fix:      "Write true or false; capitals do not matter, and a blank cell means false.",
		Bad:      "customer,start_date,price,cancel_at_period_end\ncus_Ada,1801440000,price_Pro,yes\n",
		Good:     "customer,start_date,price,cancel_at_period_end\ncus_Ada,1801440000,price_Pro,TRUE\n",
		Source:   "toolkit guide, columns automatic_tax and cancel_at_period_end: boolean",
		onlyIf:   hasBadCell,
		Check: func(c *Check) {
			c.eachBad(func(name, text string) {
				f := Finding{Column: name, Suggestion: truth(text)}
				f.Message = "true or false was expected."
				switch m := dates.Read(text, nil); {
				case f.Suggestion != "":
				case name == csvspec.FieldCancelAtPeriodEnd.Name(0) && m.Kind != dates.None:
					f.Message += " This looks like a date (" + words.Moment(m.At).String() + "), but the format has no end date."
					f.Fix = "Write true if the subscription is to end after its first period. Keep another end date in a column metadata.cancel_at, and set it after the migration."
				default:
					f.Message += c.hint(name, text)
				}
				c.Report(f)
			}, csvspec.ProblemNotBoolean)
		},
	}
}

// truth returns true or false for the words and numbers that other systems and languages write.
func truth(text string) string {
	switch strings.ToLower(text) {
	case "yes", "y", "t", "1", "1.0", "on", "wahr", "ja", "vrai", "oui", "verdadero", "si", "sí", "vero":
		return "true"
	case "no", "n", "f", "0", "0.0", "off", "falsch", "nein", "faux", "non", "falso":
		return "false"
	}
	return ""
}

package validate

import (
	"strings"

	"github.com/subferry/subferry/csvspec"
)

func ruleColumnUnknown() Rule {
	return Rule{
		Code:     "column_unknown",
		Severity: Error,
		Title:    "The format does not know a column",
		Why:      "Stripe's toolkit drops unknown columns without a word. A team lost the end dates of all its subscriptions that way.",
		Fix:      "Rename the column if it is a known one misspelt, put metadata. in front of its name to keep it as metadata, or remove it. To go on with the column unused, acknowledge it by name: --allow-column NAME.",
		Bad:      "customer,start_date,price,cancel_at\ncus_Ada,1801440000,price_Pro,1830384000\n",
		Good:     "customer,start_date,price,metadata.cancel_at\ncus_Ada,1801440000,price_Pro,1830384000\n",
		Source:   "toolkit guide, columns: an unknown column is dropped silently",
		Header: func(h *HeaderCheck) {
			if h.foreign() {
				return // said once, of the whole line
			}
			for _, c := range h.Header.Columns {
				if c.Known() || c.Has(csvspec.QuirkBlank) || c.Has(csvspec.QuirkDuplicate) || c.Name == ErrorColumn || h.allowed(c) {
					continue
				}
				meant, clear := MeantColumn(h.Header, c.Index)
				f := Finding{Suggestion: meant, Mend: mendIf(clear), Message: "the format does not know this column; Stripe's toolkit would drop it silently.",
					Fix: "Rename the column, put metadata. in front of its name to keep it as metadata, or remove it. To go on with the column unused: --allow-column " + word(c.Name) + "."}
				near, ok := csvspec.Nearest(c.Name)
				if message, fix := otherThing(c.Name); message != "" {
					f.Message, f.Fix = message, fix+" To go on without it: --allow-column "+word(c.Name)+"."
				} else if clear {
					f.Message += " Is " + meant + " meant?"
				} else if ok && h.wants(c.Name, near) {
					f.Message += " Is " + near + " meant?"
				}
				h.Report(c.Index, f)
			}
		},
	}
}

// wants tells whether the header lacks the known column that an unknown name resembles, and means items of the same
// kind.
func (h *HeaderCheck) wants(name, near string) bool {
	_, have := h.Header.Lookup(near)
	family, _, numbered := strings.Cut(strings.ToLower(name), ".")
	switch family {
	case "items", "adhoc_items", "add_invoice_items":
		numbered = numbered && !strings.HasPrefix(near, family+".") && !(family == "items" && strings.HasPrefix(near, "adhoc_items."))
	default:
		numbered = false
	}
	return !have && !numbered
}

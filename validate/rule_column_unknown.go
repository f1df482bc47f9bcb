package validate

import (
	"slices"
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
		head: func(h *Head) {
			if h.foreign() {
				return // said once, of the whole line
			}
			for _, c := range h.Header.Columns {
				if c.Known() || c.Has(csvspec.QuirkBlank) || c.Has(csvspec.QuirkDuplicate) || c.Name == errorColumn || h.allowed(c) {
					continue
				}
				h.report(c.Index, unknownColumn(c.Name))
			}
		},
	}
}

// allowed tells whether the user has acknowledged the column by name.
func (h *Head) allowed(c csvspec.Column) bool {
	return slices.Contains(h.v.opts.AllowColumns, c.Name) || slices.Contains(h.v.opts.AllowColumns, c.Raw)
}

func unknownColumn(name string) Finding {
	if end := strings.ToLower(strings.ReplaceAll(name, " ", "_")); end == "cancel_at" || end == "end_date" || end == "ended_at" || end == "cancels_at" {
		return Finding{
			Message: "the format has no end date. Stripe's toolkit would drop this column silently, and the subscriptions would charge forever.",
			Fix:     "To end subscriptions after their first period, use cancel_at_period_end. For other end dates, keep the dates in a column metadata." + end + " and set them after the migration. To go on without them: --allow-column " + name + ".",
		}
	}
	f := Finding{Message: "the format does not know this column; Stripe's toolkit would drop it silently."}
	if near, ok := csvspec.Nearest(name); ok {
		f.Message += " Is " + near + " meant?"
	}
	f.Fix = "Rename the column, put metadata. in front of its name to keep it as metadata, or remove it. To go on with the column unused: --allow-column " + name + "."
	return f
}

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
		Header: func(h *HeaderCheck) {
			if h.foreign() {
				return // said once, of the whole line
			}
			for _, c := range h.Header.Columns {
				if c.Known() || c.Has(csvspec.QuirkBlank) || c.Has(csvspec.QuirkDuplicate) || c.Name == errorColumn || h.allowed(c) {
					continue
				}
				h.Report(c.Index, h.unknownColumn(c))
			}
		},
	}
}

// allowed tells whether the user has acknowledged the column by name.
func (h *HeaderCheck) allowed(c csvspec.Column) bool {
	return slices.Contains(h.v.opts.AllowColumns, c.Name) || slices.Contains(h.v.opts.AllowColumns, c.Raw)
}

// unknownColumn says what can be said of an unknown name.
func (h *HeaderCheck) unknownColumn(c csvspec.Column) Finding {
	name := c.Name
	acknowledge := " To go on without it: --allow-column " + word(name) + "."
	meant, clear := MeantColumn(h.Header, c.Index)
	if message, fix := otherThing(name); message != "" {
		return Finding{Message: message, Fix: fix + acknowledge, Suggestion: meant, Mend: mendIf(clear)}
	}
	f := Finding{Suggestion: meant, Mend: mendIf(clear), Message: "the format does not know this column; Stripe's toolkit would drop it silently."}
	near, ok := csvspec.Nearest(name)
	if clear {
		near = meant
	}
	if clear || ok && h.wants(name, near) {
		f.Message += " Is " + near + " meant?"
	}
	f.Fix = "Rename the column, put metadata. in front of its name to keep it as metadata, or remove it. To go on with the column unused: --allow-column " + word(name) + "."
	return f
}

// word writes a name so that a shell takes it for one word.
func word(name string) string {
	if !strings.ContainsAny(name, " ()[]'\"$&;*?<>|#`\\!~{}") {
		return name
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(name) + `"`
}

// wants tells whether the header lacks the known column that an unknown name resembles, and means items of the same kind.
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

// otherThing returns what is to be said of names of things that the format does not have, or has in another form; ""
// for other names.
func otherThing(name string) (message, fix string) {
	plain := strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(name))
	switch plain {
	case "cancel_at", "cancels_at", "cancel_date", "cancel_on", "end", "end_date", "ends_at", "ends_on", "ended_at", "contract_end", "contract_end_date",
		"expires_at", "expires_on", "expiry_date", "expiration_date", "termination_date":
		return "the format has no end date. Stripe's toolkit would drop this column silently, and the subscriptions would charge forever.",
			"To end subscriptions after their first period, use cancel_at_period_end. For other end dates, keep the dates in a column metadata." + plain + " and set them after the migration."
	case "trial", "trial_days", "trial_period", "trial_period_days":
		return "the format has no number of trial days. Stripe's toolkit would drop this column silently, and the customers would be charged at start_date.",
			"Write the moment at which the trial ends into a column trial_end: start_date plus the days times 86400."
	case "status", "subscription_status":
		return "the format has no status. Stripe's toolkit would drop this column silently, and rows of canceled or paused subscriptions would become subscriptions that charge.",
			"Remove the rows that are not to be charged, then the column, or put metadata. in front of its name to keep it as metadata."
	case "payment_method", "default_payment_method", "card":
		return "the format has no payment method. Stripe's toolkit would drop this column silently, and charge the customer's default one.",
			"Set the payment method as the default one of the customer in Stripe, and remove the column."
	}
	if plain == "metadata" {
		return "metadata stands in one column for each key. Stripe's toolkit would drop this column silently.",
			"Split the column into metadata.KEY columns, one for each key, or remove it."
	}
	if key, ok := strings.CutSuffix(name, " (metadata)"); ok {
		return "this is how Stripe's exports name metadata. Stripe's toolkit would drop this column silently. Is metadata." + key + " meant?",
			"Rename the column to metadata." + key + ", or remove it."
	}
	return otherItemPart(plain)
}

// otherItemPart is otherThing for columns of items.
func otherItemPart(name string) (message, fix string) {
	switch {
	case strings.HasPrefix(name, "add_invoice_items.") && strings.HasSuffix(name, ".quantity"):
		return "one-off items have no quantity. Stripe's toolkit would drop this column silently, and charge the amount once.",
			"Multiply the amount by the quantity, and remove the column."
	case strings.HasSuffix(name, "interval_count"):
		return "an ad-hoc item has an interval without a count. Stripe's toolkit would drop this column silently, and charge every interval.",
			"For every three or six months, create a price in Stripe and use it in items.x.price. If the count is 1 in all rows, remove the column."
	}
	return "", ""
}

package validate

import (
	"slices"
	"strings"

	"github.com/subferry/subferry/csvspec"
)

// ErrorColumn is the column in which Stripe's toolkit, and this program, give errors back.
const ErrorColumn = "processing_error"

// ColumnName returns how a file should write the column: metadata keeps the spelling that the file has chosen.
func ColumnName(c csvspec.Column) string {
	if c.Field == csvspec.FieldMetadata && strings.Contains(strings.ToLower(c.Raw), "metadata_") {
		return "metadata_" + c.Key
	}
	return c.Name
}

// MeantColumn returns the known column that an unknown column of a header certainly stands for: its name has one clear
// meaning, and no other column of the header is that, or means the same.
func MeantColumn(h *csvspec.Header, index int) (name string, ok bool) {
	c := h.Columns[index]
	if c.Known() || c.Has(csvspec.QuirkBlank|csvspec.QuirkDuplicate) || h.IsStripeExport() {
		return "", false
	}
	if message, _ := otherThing(c.Name); message != "" && !strings.HasSuffix(c.Name, " (metadata)") {
		return "", false
	}
	name, ok = csvspec.Meant(c.Name)
	if _, have := h.Lookup(name); !ok || have {
		return "", false
	}
	for _, other := range h.Columns {
		if also, _ := csvspec.Meant(other.Name); also == name && other.Index != index && !other.Known() {
			return "", false
		}
	}
	return name, true
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
	switch {
	case strings.HasPrefix(plain, "add_invoice_items.") && strings.HasSuffix(plain, ".quantity"):
		return "one-off items have no quantity. Stripe's toolkit would drop this column silently, and charge the amount once.",
			"Multiply the amount by the quantity, and remove the column."
	case strings.HasSuffix(plain, "interval_count"):
		return "an ad-hoc item has an interval without a count. Stripe's toolkit would drop this column silently, and charge every interval.",
			"For every three or six months, create a price in Stripe and use it in items.x.price. If the count is 1 in all rows, remove the column."
	}
	return "", ""
}

// allowed tells whether the user has acknowledged the column by name.
func (h *HeaderCheck) allowed(c csvspec.Column) bool {
	return slices.Contains(h.v.opts.AllowColumns, c.Name) || slices.Contains(h.v.opts.AllowColumns, c.Raw)
}

// word writes a name so that a shell takes it for one word.
func word(name string) string {
	if !strings.ContainsAny(name, " ()[]'\"$&;*?<>|#`\\!~{}") {
		return name
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(name) + `"`
}

// misspelt tells whether an unknown column is probably one of the fields. Then its name is the mistake, and that the
// column is missing follows from it.
func (h *HeaderCheck) misspelt(fields ...csvspec.Field) bool {
	for _, c := range h.Header.Columns {
		near, ok := csvspec.Nearest(c.Name)
		if ok && !c.Known() && !h.allowed(c) && slices.Contains(fields, csvspec.ParseColumn(near).Field) {
			return true
		}
	}
	return false
}

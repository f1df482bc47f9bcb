package validate

import (
	"fmt"
	"strings"

	"github.com/subferry/subferry/csvspec"
)

func ruleColumnName() Rule {
	return Rule{
		Code:     "column_name",
		Severity: Warning,
		Title:    "A column's name is not written as the format writes it",
		Why:      "It was understood here. Stripe's toolkit may not know the column and drop it.",
		Fix:      "Write the name exactly as suggested: lower case, without spaces, quotes or the words (required).",
		Bad:      "Customer,start_date (required),price\ncus_Ada,1801440000,price_Pro\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "toolkit guide, columns: names copied from the documentation",
		Header: func(h *HeaderCheck) {
			for _, c := range h.Header.Columns {
				if quirks := quirksInWords(c); c.Known() && quirks != "" {
					name := ColumnName(c)
					h.Report(c.Index, Finding{Message: fmt.Sprintf("%s was expected, without %s.", name, quirks), Suggestion: name, Mend: mendIf(!c.Has(csvspec.QuirkDuplicate))})
				}
			}
		},
	}
}

func quirksInWords(c csvspec.Column) string {
	var list []string
	for _, q := range []struct {
		quirk csvspec.Quirk
		words string
	}{
		{csvspec.QuirkCase, "capitals"}, {csvspec.QuirkRequired, "the words (required)"},
		{csvspec.QuirkSpace, "spaces around it"}, {csvspec.QuirkQuote, "quotes of its own"},
	} {
		if c.Has(q.quirk) {
			list = append(list, q.words)
		}
	}
	return strings.Join(list, " and ")
}

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

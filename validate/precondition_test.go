package validate

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/subferry/subferry/csvspec"
)

// TestPreconditionsHideNothing compares the findings with those of rules that are run on every row.
func TestPreconditionsHideNothing(t *testing.T) {
	words := map[string][]string{
		"customer":                     {"cus_Ada", "cus_Bob", "2.05E+15", "12345678", "ada@example.com", ""},
		"start_date":                   {"1801440000", "1798765200", "1798675200", "1987654321", "soon", ""},
		"price":                        {"price_Pro", "prod_Pro", "2,05E+15", ""},
		"quantity":                     {"1", "0", "-1", "", "x", "999999999", "1000000000"},
		"items.0.price":                {"price_A", "", "3E+15"},
		"items.0.quantity":             {"2", "0", "-3", "", "1000000000"},
		"adhoc_items.0.amount":         {"1999", "-1", "", "19.99"},
		"adhoc_items.0.currency":       {"usd", "USD", "dollar", ""},
		"adhoc_items.0.quantity":       {"1", "0", ""},
		"add_invoice_items.0.product":  {"prod_Setup", "1.05E+16", ""},
		"currency":                     {"usd", "eur", "EUR", "dollar", ""},
		"coupon":                       {"SPRING", "4.05E+15", ""},
		"proration_behavior":           {"none", "create_prorations", "always_invoice", "None", ""},
		"collection_method":            {"charge_automatically", "send_invoice", "Send Invoice", "card", ""},
		"days_until_due":               {"30", "0", "-1", ""},
		"backdate_start_date":          {"1767225600", ""},
		"trial_end":                    {"1802649600", "1801353600", ""},
		"metadata.source":              {"external:zuora", "internal:Stripe", "internal:stripe", "external:", ""},
		"metadata.old_Stripe_sub_id":   {"sub_1", "2.05E+15", "x", ""},
		"metadata.original_start_date": {"1767225600", ""},
		"metadata.note":                {"text", "1.25E+15", strings.Repeat("long", 200), ""},
	}
	var columns []string
	for _, c := range csvspec.KnownColumns() {
		c = strings.Replace(c, "x.", "0.", 1)
		if words[c] != nil {
			columns = append(columns, c)
		}
	}
	columns = append(columns, "metadata.source", "metadata.old_Stripe_sub_id", "metadata.original_start_date", "metadata.note")
	opts := Options{Now: time.Unix(1798761600, 0), Unit: csvspec.UnitMinor}
	gated, open := New(opts), New(opts)
	const values = hasItems | hasOddNumber | hasOddStart | hasNewCurrency | hasOddMethod | hasOddMetadata | hasDigits
	for i := range open.rows {
		if open.rows[i].onlyIf&values != 0 {
			open.rows[i].onlyIf = 0
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		present := rapid.SliceOfNDistinct(rapid.SampledFrom(columns), 3, len(columns), rapid.ID[string]).Draw(t, "columns")
		file := strings.Join(present, ",") + "\n"
		for range rapid.IntRange(1, 5).Draw(t, "rows") {
			cells := make([]string, len(present))
			for i, column := range present {
				cells[i] = rapid.SampledFrom(words[column]).Draw(t, column)
				if strings.Contains(cells[i], ",") {
					cells[i] = `"` + cells[i] + `"`
				}
			}
			file += strings.Join(cells, ",") + "\n"
		}
		require.Equal(t, rowFindings(t, open, file), rowFindings(t, gated, file), file)
	})
}

// rowFindings returns what is found in the rows of a file, and outside of a file.
func rowFindings(t require.TestingT, v *Validator, file string) (all []string) {
	r, err := csvspec.NewReader(strings.NewReader(file), csvspec.ReadOptions{Unit: csvspec.UnitMinor})
	require.NoError(t, err)
	inside := v.newCheck(newHeaderInfo(r.Header(), nil))
	for row, err := range r.All() {
		require.NoError(t, err)
		all = append(all, fmt.Sprintf("%+v", inside.run(row)), fmt.Sprintf("%+v", v.Row(row)))
	}
	return append(all, fmt.Sprintf("%+v", inside.tally.far), fmt.Sprint(inside.tally.waits))
}

package validate

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-playground/validator/v10"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/subferry/subferry/csvspec"
)

// place is what tags and rules can agree on.
type place struct{ code, column string }

// tagged returns what the tags of csvspec.Row alone find.
func tagged(v *Validator, row *csvspec.Row) []place {
	var wrong validator.ValidationErrors
	if !errors.As(v.tags().Struct(row), &wrong) {
		return nil
	}
	var places []place
	for _, w := range wrong {
		f := tagFinding(w, row)
		places = append(places, place{f.Code, f.Column})
	}
	return places
}

// ruled returns what the rules alone find.
func ruled(v *Validator, row *csvspec.Row) []place {
	var places []place
	for _, f := range v.newCheck(nil).run(row) {
		places = append(places, place{f.Code, f.Column})
	}
	return places
}

// tagCodes are the codes of which the tags say everything that the rules say.
func tagCodes() []string {
	return []string{"customer_missing", "customer_not_an_id", "start_date_missing", "product_not_an_id", "tax_rate_not_an_id",
		"currency_unsupported", "currency_case", "proration_behavior_unknown", "collection_method_unknown", "interval_unknown",
		"metadata_key", "metadata_value", "items_too_many"}
}

// TestTagsAndRulesAgree builds rows with and without mistakes and lets both judge them.
func TestTagsAndRulesAgree(t *testing.T) {
	v := New(Options{Now: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)})
	rapid.Check(t, func(t *rapid.T) {
		row := drawRow(t)
		tags, rules := tagged(v, row), ruled(v, row)
		for _, p := range tags {
			require.Contains(t, rules, p, "the tags find it, the rules do not")
		}
		for _, p := range rules {
			if slices.Contains(tagCodes(), p.code) {
				require.Contains(t, tags, p, "the rules find it, the tags do not")
			}
		}
	})
}

func drawRow(t *rapid.T) *csvspec.Row {
	row := &csvspec.Row{
		Customer:          drawWord(t, "cus_Ada"),
		StartDate:         csvspec.Timestamp(rapid.SampledFrom([]int64{0, 1801440000}).Draw(t, "start")),
		DefaultTaxRate:    drawWord(t, "txr_Vat"),
		Currency:          drawWord(t, "usd"),
		ProrationBehavior: drawWord(t, "none"),
		CollectionMethod:  drawWord(t, "send_invoice"),
	}
	for range rapid.SampledFrom([]int{0, 1, 2, 20}).Draw(t, "adhoc") {
		row.AdhocItems = append(row.AdhocItems, csvspec.AdhocItem{Amount: csvspec.Of(1), Product: drawWord(t, "prod_Pro"), Interval: drawWord(t, "month"), Currency: drawWord(t, "eur")})
	}
	for range rapid.SampledFrom([]int{0, 1, 2, 20}).Draw(t, "once") {
		row.AddInvoiceItems = append(row.AddInvoiceItems, csvspec.InvoiceItem{Amount: csvspec.Of(1), Product: drawWord(t, "prod_Pro"), Currency: drawWord(t, "jpy")})
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "metadata") {
		key := rapid.SampledFrom([]string{"", "k[0]", strings.Repeat("é", 40), strings.Repeat("é", 41)}).Draw(t, "key") + strings.Repeat("k", i%2)
		value := rapid.SampledFrom([]string{"v", strings.Repeat("é", 500), strings.Repeat("é", 501)}).Draw(t, "value")
		row.Metadata = append(row.Metadata, csvspec.KeyValue{Key: key, Value: value})
	}
	return row
}

// TestTagsAndRulesAgreeOnLimits is apart, because the tags do not look into lists that are too long.
func TestTagsAndRulesAgreeOnLimits(t *testing.T) {
	v := New(Options{Now: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)})
	row := &csvspec.Row{Customer: "cus_Ada", StartDate: 1801440000}
	for i := range 21 {
		row.Items = append(row.Items, csvspec.Item{Price: "price_" + strconv.Itoa(i)})
	}
	require.Equal(t, []place{{"items_too_many", ""}}, tagged(v, row))
	require.Equal(t, []place{{"items_too_many", ""}}, ruled(v, row))
}

// drawWord is right, blank, or wrong in one of the ways in which people are wrong.
func drawWord(t *rapid.T, right string) string {
	return rapid.SampledFrom([]string{right, right, right, "", "USD", "xyz", "cus_", "cus_A b", "prod_X", "txr_X", "None", "monthly", "price_1"}).Draw(t, "word")
}

// TestRowCountsTagsOnce shows that what tags and rules both find is said once, in the words of the rule.
func TestRowCountsTagsOnce(t *testing.T) {
	row := &csvspec.Row{Customer: "prod_X", StartDate: 1801440000, Price: "price_Pro"}
	found := Row(row, Options{Now: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)})
	require.Len(t, found, 1)
	require.Equal(t, "a customer ID that begins with cus_ was expected. This looks like a product ID.", found[0].Message)
	require.EqualError(t, found.Err(), `row: error: customer "prod_X": a customer ID that begins with cus_ was expected. This looks like a product ID.`)
}

// TestTagsSpeakAsRulesDo: what only the tags find names no tag, and says what to do.
func TestTagsSpeakAsRulesDo(t *testing.T) {
	v := New(Options{Now: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)})
	row := &csvspec.Row{DefaultTaxRate: "vat", Currency: "USD", ProrationBehavior: "always", AdhocItems: make([]csvspec.AdhocItem, 1),
		Metadata: csvspec.Metadata{{Key: "a[0]", Value: strings.Repeat("v", 501)}, {Value: "v"}, {Key: strings.Repeat("k", 41)}}}
	row.AdhocItems[0] = csvspec.AdhocItem{Product: "cus_X", Currency: "dollar", Interval: "monthly"}
	var said []string
	for _, f := range v.checkTags(row, nil) {
		said = append(said, f.Column+": "+f.Message)
		require.NotEmpty(t, f.Fix, f.Code)
	}
	require.Equal(t, []string{
		"customer: a value was expected.",
		"start_date: a value was expected.",
		"adhoc_items.0.product: an ID that begins with prod_ was expected.",
		"adhoc_items.0.interval: day or week or month or year was expected.",
		"adhoc_items.0.currency: the code of a currency that Stripe supports, such as usd, was expected.",
		"metadata.a[0]: a key without square brackets was expected.",
		"metadata.a[0]: at most 500 characters were expected.",
		"metadata.: a key was expected.",
		"metadata." + strings.Repeat("k", 41) + ": at most 40 characters were expected.",
		"default_tax_rate: an ID that begins with txr_ was expected.",
		"currency: usd was expected, in lower case.",
		"proration_behavior: create_prorations or none was expected.",
	}, said)
}

package validate_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
)

// TestWords is about cells of which more can be said than that they cannot be read.
func TestWords(t *testing.T) {
	for _, c := range []struct{ column, text, message, suggestion string }{
		{"trial_end", "14", "a date in Unix seconds, such as 1801440000, was expected. This looks like a number of days.", ""},
		{"billing_cycle_anchor", "15", "a date in Unix seconds, such as 1801440000, was expected. This looks like a day of the month.", ""},
		{"trial_end", "0", "a date in Unix seconds, such as 1801440000, was expected. 0 stands for the first moment of 1970.", ""},
		{"trial_end", "2027-02-31", "a date in Unix seconds, such as 1801440000, was expected. The calendar has no such day.", ""},
		{"trial_end", "2027-13-01T00:00:00Z", "a date in Unix seconds, such as 1801440000, was expected. The calendar has no such day.", ""},
		{"trial_end", "Wed Feb 03 2027 00:00:00 GMT+0100 (CET)", "this is a written date (2027-02-02 23:00:00 UTC); Unix seconds were expected.", "1801609200"},
		{"cancel_at_period_end", "1830384000", "true or false was expected. This looks like a date (2028-01-02 00:00:00 UTC), but the format has no end date.", ""},
		{"cancel_at_period_end", "2028-01-01", "true or false was expected. This looks like a date (2028-01-01 00:00:00 UTC), but the format has no end date.", ""},
		{"cancel_at_period_end", "1", "true or false was expected.", "true"},
		{"proration_behavior", "no proration", "create_prorations or none was expected. Is none meant?", ""},
		{"collection_method", "Credit Card", "charge_automatically or send_invoice was expected. Is charge_automatically meant?", ""},
		{"currency", "euro", "the code of a currency that Stripe supports, such as usd, was expected. Is eur meant?", ""},
		{"currency", "btc", "the code of a currency that Stripe supports, such as usd, was expected.", ""},
	} {
		found := findings(t, write([][]string{{"customer", "start_date", "price", c.column}, {"cus_Ada", "1801440000", "price_Pro", c.text}}))
		require.Len(t, found, 1, "%s %s", c.column, c.text)
		require.Equal(t, c.message, found[0].Message)
		require.Equal(t, c.suggestion, found[0].Suggestion)
	}
}

// TestAmountSteps is about currencies whose amounts have steps, in both units of a file.
func TestAmountSteps(t *testing.T) {
	for _, c := range []struct{ minor, major, currency, message string }{
		{"1999", "19.99", "isk", "this is 19.99 ISK, but ISK is charged in steps of 1.00 ISK."},
		{"1900", "19", "isk", ""},
		{"50", "0.5", "ugx", "this is 0.50 UGX, but UGX is charged in steps of 1.00 UGX."},
		{"1995", "1.995", "kwd", "this is 1.995 KWD, but KWD is charged in steps of 0.010 KWD."},
		{"1990", "1.99", "kwd", ""},
		{"1999", "1999", "jpy", ""},
		{"1999", "19.99", "huf", ""},
		{"1999", "1999", "mga", ""},
		{"0", "0", "isk", ""},
	} {
		for unit, amount := range map[csvspec.Unit]string{csvspec.UnitMinor: c.minor, csvspec.UnitMajor: c.major} {
			found := file(t, "x.csv", adhocHeader+"\ncus_Ada,1801440000,"+amount+",prod_Pro,month,"+c.currency+"\n", validate.Options{Now: now, Unit: unit}).Findings
			if c.message == "" {
				require.Empty(t, found, "%s %s", amount, c.currency)
				continue
			}
			require.Len(t, found, 1, "%s %s", amount, c.currency)
			require.Equal(t, "amount_step", found[0].Code)
			require.Equal(t, c.message, found[0].Message)
		}
	}
}

// TestTooPrecise names the currency of the item that the amount belongs to.
func TestTooPrecise(t *testing.T) {
	const once = ",add_invoice_items.1.amount,add_invoice_items.1.product,add_invoice_items.1.currency"
	text := adhocHeader + once + "\ncus_Ada,1801440000,19.9,prod_Pro,month,JPY,1.2345,prod_Setup,kwd\n"
	var messages []string
	for _, f := range file(t, "x.csv", text, validate.Options{Now: now, Unit: csvspec.UnitMajor}).Findings {
		if f.Code == "amount_too_precise" {
			messages = append(messages, f.Message)
		}
	}
	require.Equal(t, []string{"JPY has 0 decimals; this amount has more.", "KWD has 3 decimals; this amount has more."}, messages)
}

// TestForeignFiles says what a file is that is no CSV of the format.
func TestForeignFiles(t *testing.T) {
	for header, want := range map[string]string{
		"customer start_date price":         "The cells seem to be separated by spaces",
		"| customer | start_date | price |": "The cells seem to be separated by |",
		"[{\"customer\": \"cus_Ada\"":       "looks like JSON",
		"<?xml version=\"1.0\"?>":           "looks like a web page",
		"// for February":                   "looks like a remark",
	} {
		found := findings(t, header+"\nx\n")
		require.Len(t, found, 1, header)
		require.Equal(t, "header_missing", found[0].Code)
		require.Contains(t, found[0].Message, want)
	}
}

package validate_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWords is about cells of which more can be said than that they cannot be read.
func TestWords(t *testing.T) {
	for _, c := range []struct{ column, text, message, suggestion string }{
		{"trial_end", "14", "a date in Unix seconds, such as 1801440000, was expected. This looks like a number of days; the moment at which they end is start_date plus the days times 86400.", ""},
		{"trial_end", "0", "a date in Unix seconds, such as 1801440000, was expected. 0 stands for the first moment of 1970; if there is no such date, clear the cell.", ""},
		{"trial_end", "2027-02-31", "a date in Unix seconds, such as 1801440000, was expected. The calendar has no such day.", ""},
		{"trial_end", "2027-13-01T00:00:00Z", "a date in Unix seconds, such as 1801440000, was expected. The calendar has no such day.", ""},
		{"trial_end", "Wed Feb 03 2027 00:00:00 GMT+0100 (CET)", "this is a written date (2027-02-02 23:00:00 UTC); Unix seconds were expected.", "1801609200"},
		{"cancel_at_period_end", "1830384000", "true or false was expected. This looks like a date (2028-01-02 00:00:00 UTC), but the format has no end date.", ""},
		{"cancel_at_period_end", "2028-01-01", "true or false was expected. This looks like a date (2028-01-01 00:00:00 UTC), but the format has no end date.", ""},
		{"cancel_at_period_end", "1", "true or false was expected.", "true"},
	} {
		found := findings(t, write([][]string{{"customer", "start_date", "price", c.column}, {"cus_Ada", "1801440000", "price_Pro", c.text}}))
		require.Len(t, found, 1, "%s %s", c.column, c.text)
		require.Equal(t, c.message, found[0].Message)
		require.Equal(t, c.suggestion, found[0].Suggestion)
	}
}

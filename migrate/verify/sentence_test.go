package verify

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryDifferenceHasItsSentence: each kind of difference is told by its own sentence, with both values in it.
func TestEveryDifferenceHasItsSentence(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range meanings() {
		require.False(t, seen[m.sentence], m.sentence)
		seen[m.sentence] = true
		told := false
		for _, v := range []Value{
			{m.side, m.field, "first", "second"}, {m.side, m.field, "first", ""}, {m.side, m.field, "", "second"}, {m.side, m.field, "second", "first"},
			{m.side, m.field, "active", "canceled"}, {m.side, m.field, "false", "true"}, {m.side, m.field, "false", "true" + beforeRun},
		} {
			if m.when != nil && !m.when(v) {
				continue
			}
			text := sentenceOf(v)
			require.NotContains(t, text, "%[")
			require.True(t, strings.HasSuffix(text, ".") || strings.HasSuffix(text, ".)"), text)
			told = told || text == sprint(m.sentence, v)
		}
		require.True(t, told, "%s %s: another sentence is always said instead of %q", m.side, m.field, m.sentence)
	}
	require.Contains(t, sentenceOf(Value{Destination, "items.3.quantity", "2", "5"}), "the row says 2, and Stripe has 5")
	require.Contains(t, sentenceOf(Value{Destination, "phase.metadata.product", "a", "b"}), "note that the row keeps", "a key of metadata, whatever it is called")
	require.Contains(t, sentenceOf(Value{Destination, "adhoc_items.0.amount", "12.00 USD", "13.00 USD"}), "pays another amount")
	require.Contains(t, sentenceOf(Value{Destination, "none of these", "a", "b"}), `"a" was expected`)
}

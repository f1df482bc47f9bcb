package sandbox

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// TestLimitsNamesWhatThereIs keeps the page and the code in step where a test can: the endpoints, the test cards, and
// the numbers.
func TestLimitsNamesWhatThereIs(t *testing.T) {
	page, err := os.ReadFile("LIMITS.md")
	require.NoError(t, err)
	text := string(page)
	for name := range endpoints(t) {
		noun := strings.ReplaceAll(strings.Split(name, "/")[2], "_", " ")
		switch noun {
		case "test helpers":
			noun = "test clocks"
		case "invoiceitems":
			noun = "invoice items"
		case "tax":
			noun = "tax settings"
		case "billing":
			noun = strings.ReplaceAll(strings.Split(name, "/")[3], "_", " ")
		}
		require.Contains(t, text, noun, name)
	}
	for _, card := range engine.TestCards() {
		plain := strings.TrimPrefix(card.Token, "visa_chargeDeclined")
		if plain == card.Token {
			require.Contains(t, text, "pm_card_"+card.Token)
		}
	}
	require.Equal(t, 2_000, store.EventsKept)
	require.Contains(t, text, "The newest 2,000 are kept")
	require.Equal(t, 3, webhookAttempts)
	require.Contains(t, text, "three attempts")
	require.Contains(t, text, "at most two intervals")
}

package sandbox

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLimitsNamesWhatThereIs keeps the page and the code in step where a test
// can: the endpoints, the test cards, and the numbers.
func TestLimitsNamesWhatThereIs(t *testing.T) {
	page, err := os.ReadFile("LIMITS.md")
	require.NoError(t, err)
	text := string(page)
	for name := range handlers() {
		noun := strings.ReplaceAll(segments(strings.SplitN(name, " ", 2)[1])[1], "_", " ")
		switch noun {
		case "test helpers":
			noun = "test clocks"
		case "tax":
			noun = "tax settings"
		}
		require.Contains(t, text, noun, name)
	}
	for _, card := range testCards() {
		plain := strings.TrimPrefix(card.token, "visa_chargeDeclined")
		if plain == card.token {
			require.Contains(t, text, "pm_card_"+card.token)
		}
	}
	require.Equal(t, 2_000, eventsKept)
	require.Contains(t, text, "The newest 2,000 are kept")
	require.Equal(t, 3, webhookAttempts)
	require.Contains(t, text, "three attempts")
	require.Equal(t, 2, clockIntervals)
	require.Contains(t, text, "at most two intervals")
}

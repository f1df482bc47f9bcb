package conformance

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestThePageListsEveryClaim compares the table of CONFORMANCE.md with the scenarios, both ways.
func TestThePageListsEveryClaim(t *testing.T) {
	text, err := os.ReadFile("CONFORMANCE.md")
	require.NoError(t, err)
	listed := map[string][]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| (.+) \\| (`.+`) \\| [\\d ]*\\|$").FindAllStringSubmatch(string(text), -1) {
		claim := strings.Trim(row[1], "*")
		for _, name := range strings.Split(row[2], ", ") {
			listed[claim] = append(listed[claim], strings.Trim(name, "`"))
		}
	}
	claimed := map[string][]string{}
	for _, s := range scenarios(t) {
		for _, claim := range s.head["Proves"] {
			claimed[claim] = append(claimed[claim], s.name)
		}
		if _, refused := s.refusal(); refused {
			require.Contains(t, string(text), "`"+s.name+"`")
		}
	}
	require.Equal(t, claimed, listed)
}

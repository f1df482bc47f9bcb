package validate

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPlaceholders(t *testing.T) {
	for _, word := range []string{
		"null", "nil", "none", "nan", "nat", "undefined", `\n`, "n/a", "na", "-", "--", "(blank)", "(null)", "<na>",
		"[object object]", "loading...", "tbd", "tba", "todo", "?", "??", "???",
		"#n/a", "#ref!", "#bezug!", "#nombre?", "#nv", "#getting_data", "####", "err:502",
	} {
		require.True(t, isPlaceholder(word), word)
		require.True(t, isPlaceholder(" "+strings.ToUpper(word)+"\t"), word)
	}
	for _, text := range []string{"", " ", "cus_Ada", "sub_0000001", "nobody", "#1", "(a)", "-1", "error:502", "?x"} {
		require.False(t, isPlaceholder(text), text)
	}
}

package house

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	return string(text)
}

// The program in the README is the one that runs in the tests.
func TestReadmeShowsTheExample(t *testing.T) {
	_, block, found := strings.Cut(readme(t), "```go\n")
	require.True(t, found)
	block, _, found = strings.Cut(block, "```")
	require.True(t, found)
	example, err := os.ReadFile(filepath.Join(root, "examples", "example_test.go"))
	require.NoError(t, err)
	require.Contains(t, strings.ReplaceAll(string(example), "\n\t", "\n"), block)
	require.LessOrEqual(t, strings.Count(block, "\n"), 25, "the README promises a short one")
}

var link = regexp.MustCompile(`\]\(([^)#:]+)\)`)

// Every link into the repository leads somewhere, and so does every path in a command.
func TestReadmeLinksLeadSomewhere(t *testing.T) {
	text := readme(t)
	links := link.FindAllStringSubmatch(text, -1)
	paths := regexp.MustCompile(`(examples/[a-z-]+\.csv|\./[a-z./-]+[a-z])`).FindAllStringSubmatch(text, -1)
	require.Greater(t, len(links), 10)
	require.Greater(t, len(paths), 3)
	for _, path := range append(links, paths...) {
		_, err := os.Stat(filepath.Join(root, filepath.FromSlash(path[1])))
		require.NoError(t, err, "the README names %s", path[1])
	}
}

// The links of the other documents lead somewhere as well; they are relative to the document.
func TestLinksOfDocumentsLeadSomewhere(t *testing.T) {
	for _, document := range []string{"migrate/sandbox/LIMITS.md", "examples/README.md", "validate/RULES.md"} {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(document)))
		require.NoError(t, err)
		for _, path := range link.FindAllStringSubmatch(string(text), -1) {
			_, err := os.Stat(filepath.Join(root, filepath.FromSlash(filepath.Dir(document)), filepath.FromSlash(path[1])))
			require.NoError(t, err, "%s names %s", document, path[1])
		}
	}
}

package shape

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/sandbox/internal/form"
)

const described = `
# a comment
POST /v1/things
  name* text(5)
  note? text
  count integer
  up_to integer|inf
  rate number
  on boolean
  when time
  created range
  mode enum(a,b,c)
  metadata? map
  -secret
  items[] object
    price* text
    tags[]? text
`

func things(t *testing.T) *Param {
	t.Helper()
	all, err := Parse(described)
	require.NoError(t, err)
	require.Len(t, all, 1)
	return all["POST /v1/things"]
}

func TestCheck(t *testing.T) {
	p := things(t)
	for body, want := range map[string]string{
		"name=x":                              "",
		"name=x&note=&metadata=&count=-3":     "",
		"name=x&up_to=inf&rate=1.5&on=false":  "",
		"name=x&when=1772355600&mode=b":       "",
		"name=x&created[gte]=1&created[lt]=2": "",
		"name=x&created=5&metadata[a]=":       "",
		"name=x&items[0][price]=p&items[0][tags][0]=t&items[0][tags][1]=u": "",
		"name=x&items[0][price]=p&items[0][tags]=":                         "",

		"":                             "parameter_missing name",
		"name=":                        "parameter_invalid_empty name",
		"name=toolong":                 " name",
		"name[a]=x":                    " name",
		"name=x&b=1&items[0][c]=2":     "parameter_unknown b",
		"name=x&items[0][c]=2":         "parameter_unknown items[0][c]",
		"name=x&items[0][tags][0]=t":   "parameter_missing items[0][price]",
		"name=x&items=1":               " items",
		"name=x&items[a][price]=p":     " items",
		"name=x&items[0]=p":            " items[0]",
		"name=x&count=1.5":             "parameter_invalid_integer count",
		"name=x&count=1234567890123":   "parameter_invalid_integer count",
		"name=x&up_to=infinity":        "parameter_invalid_integer up_to",
		"name=x&rate=fast":             " rate",
		"name=x&on=TRUE":               " on",
		"name=x&when=1772355600000":    "parameter_invalid_integer when",
		"name=x&when=-1":               " when",
		"name=x&created[near]=1":       "parameter_unknown created[near]",
		"name=x&created[gte]=soon":     "parameter_invalid_integer created[gte]",
		"name=x&mode=d":                " mode",
		"name=x&metadata=x":            " metadata",
		"name=x&secret[deep][down]=1":  " secret",
		"name=x&secret=1&unknown=also": "parameter_unknown unknown",
	} {
		root, err := form.Parse(body)
		require.NoError(t, err)
		got := ""
		if refused := p.Check(root); refused != nil {
			got = refused.Code + " " + refused.Param
		}
		require.Equal(t, want, got, body)
	}
}

func TestMessages(t *testing.T) {
	p := things(t)
	for body, want := range map[string]string{
		"":                "Missing required param: name.",
		"name=x&b=1&c=2":  "Received unknown parameters: b, c",
		"name=x&mode=d":   "Invalid mode: must be one of a, b, or c",
		"name=x&count=a":  "Invalid integer: a",
		"name=x&secret=1": "The sandbox does not imitate the parameter secret (Stripe knows it; see migrate/sandbox/LIMITS.md). Leave it out.",
	} {
		root, err := form.Parse(body)
		require.NoError(t, err)
		require.EqualError(t, p.Check(root), want)
	}
}

func TestParseNamesTheLine(t *testing.T) {
	for _, text := range []string{"POST /v1/x\n  name", "POST /v1/x\n  name string", "POST /v1/x\n      deep text", "POST /v1/x\n  name text(many)"} {
		_, err := Parse(text)
		require.ErrorContains(t, err, "line 2", strings.TrimSpace(text))
	}
}

package page

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"
)

func catalogue(t *testing.T, name string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("words", name))
	require.NoError(t, err)
	var all map[string]string
	require.NoError(t, json.Unmarshal(text, &all))
	return all
}

// sentences finds the keys that templates and handlers name in their source.
func sentences(t *testing.T) (keys []string) {
	t.Helper()
	literal := `"((?:[^"\\]|\\.)*)"`
	inTemplates, inAction := regexp.MustCompile(`(?:^|[\s({])t `+literal), regexp.MustCompile(`\{\{[^{}]*\}\}`)
	inCode := []*regexp.Regexp{
		regexp.MustCompile(`(?:\bt\(|s\.text\(r, |message: |fix: |notFound\()` + literal),
		regexp.MustCompile(`(?:refused|wrongField)\("[a-z_]+",\s*` + literal), regexp.MustCompile(`(?:refused|wrongField)\("[a-z_]+",\s*"[^"]*",\s*` + literal),
	}
	files, err := filepath.Glob("templates/*.html")
	require.NoError(t, err)
	code, err := filepath.Glob("*.go")
	require.NoError(t, err)
	more, err := filepath.Glob("../*.go")
	require.NoError(t, err)
	for _, file := range slices.Concat(files, code, more) {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		if strings.HasSuffix(file, ".html") {
			for _, action := range inAction.FindAllString(string(text), -1) {
				for _, m := range inTemplates.FindAllStringSubmatch(action, -1) {
					keys = append(keys, m[1])
				}
			}
			continue
		}
		for _, pattern := range inCode {
			for _, m := range pattern.FindAllStringSubmatch(string(text), -1) {
				keys = append(keys, m[1])
			}
		}
	}
	return slices.DeleteFunc(keys, func(key string) bool { return strings.HasSuffix(key, " ") }) // the beginnings of keys
}

var verb = regexp.MustCompile(`%(?:\[\d\])?(?:\.\d)?([a-z])`)

func verbs(text string) (all []string) {
	for _, m := range verb.FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	slices.Sort(all)
	return all
}

// Every sentence of the pages is there in Japanese, with the same values in it, and nothing is translated that no page says.
func TestTheCatalogueIsComplete(t *testing.T) {
	japanese, english, one := catalogue(t, "ja.json"), catalogue(t, "en.json"), catalogue(t, "one.json")
	keys := sentences(t)
	require.Greater(t, len(keys), 250, "the sentences were found")
	for key := range english {
		keys = append(keys, key)
	}
	for key, text := range one {
		keys = append(keys, key)
		require.Equal(t, verbs(key), verbs(text), key)
	}
	for _, key := range keys {
		if text, ok := japanese[key]; !ok {
			t.Errorf("ja.json lacks %q", key)
		} else if !slices.Equal(verbs(key), verbs(text)) {
			t.Errorf("ja.json has other values in %q than in %q", text, key)
		}
	}
	said := map[string]bool{"Check the file": true, "Look at it and start": true, "Approve": true, "Create": true, "Watch": true, "%d KB": true, "%d MB": true, "%d bytes": true, "This file cannot be started as it is: %s": true,
		"Change how the file is read, or upload a mended one.": true}
	for _, key := range keys {
		said[key] = true
	}
	for key := range japanese {
		if !said[key] {
			t.Errorf("ja.json has %q, which no page says", key)
		}
	}
}

// What counts one thing says so, and numbers are grouped.
func TestPlurals(t *testing.T) {
	p, err := New()
	require.NoError(t, err)
	require.Equal(t, "1 row has errors.", p.Text(language.English, "%d rows have errors.", 1))
	require.Equal(t, "1,200 rows have errors.", p.Text(language.English, "%d rows have errors.", 1200))
	require.Equal(t, "1,200 行にエラーがあります。", p.Text(language.Japanese, "%d rows have errors.", 1200))
	require.Equal(t, "12 行中 3 行", p.Text(language.Japanese, "%d of %d rows", 3, 12))
}

func TestLanguage(t *testing.T) {
	p, err := New()
	require.NoError(t, err)
	for _, c := range []struct {
		chosen, accept string
		want           language.Tag
	}{
		{"", "", language.English}, {"", "ja", language.Japanese}, {"", "de, ja;q=0.8, en;q=0.7", language.Japanese}, {"", "de", language.English},
		{"en", "ja", language.English}, {"ja", "en", language.Japanese}, {"xx", "ja-JP", language.Japanese}, {"", "%%%", language.English},
	} {
		require.Equal(t, c.want, p.Language(c.chosen, c.accept), "%+v", c)
	}
}

// A person's name, a file's name or an amount is shown as it is, whatever is in it.
func TestNamesAreNoSentences(t *testing.T) {
	p, err := New()
	require.NoError(t, err)
	text, err := p.Render("screen", Frame{Title: "<x> %d", Lang: language.English, Person: "%s %d <script>", Role: "viewer", Leave: true, Now: time.Unix(0, 0)},
		map[string]any{"Screen": "signed_in", "Next": "/moves/x\"><script>", "Provider": true})
	require.NoError(t, err)
	require.Contains(t, text, "%s %d &lt;script&gt;")
	require.NotContains(t, text, "<script>")
	require.NotContains(t, text, "MISSING")
}

// The script stays small, and the pages load nothing from anywhere else.
func TestAssets(t *testing.T) {
	script, err := static.ReadFile("static/app.js")
	require.NoError(t, err)
	require.Less(t, len(script), 6<<10)
	style, err := static.ReadFile("static/style.css")
	require.NoError(t, err)
	require.NotContains(t, string(style), "url(")
	require.NotContains(t, string(script), "innerHTML")
}

func TestLeft(t *testing.T) {
	p, err := New()
	require.NoError(t, err)
	say := func(key string, args ...any) string { return p.Text(language.English, key, args...) }
	for d, want := range map[time.Duration]string{
		10 * time.Hour: "10 h 0 min left", 61 * time.Minute: "1 h 1 min left", 59*time.Minute + 59*time.Second: "59 min left", time.Second: "less than a minute left", -time.Hour: "no time left",
	} {
		require.Equal(t, want, Left(say, d))
	}
}

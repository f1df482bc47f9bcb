package page

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"

	"github.com/subferry/subferry/csvspec"
)

//go:embed words/*.json
var catalogues embed.FS

// words are the page's own sentences. Their keys are the English ones, as they stand in the templates.
type words struct {
	catalog   catalog.Catalog
	languages []language.Tag
}

// newWords reads the catalogues. ja.json has the Japanese sentence of each key, en.json the English one of keys that are
// words of the program: states, actions. one.json has the English one of keys that count something, for when it is one; a count
// that decides is the first argument.
func newWords() (*words, error) {
	w := &words{languages: []language.Tag{language.English, language.Japanese}}
	b := catalog.NewBuilder(catalog.Fallback(language.English))
	read := func(name string, take func(key, text string) error) error {
		data, err := catalogues.ReadFile("words/" + name)
		if err != nil {
			return err
		}
		var all map[string]string
		if err := json.Unmarshal(data, &all); err != nil {
			return fmt.Errorf("words/%s: %w", name, err)
		}
		for key, text := range all {
			if err := take(key, text); err != nil {
				return fmt.Errorf("words/%s: %q: %w", name, key, err)
			}
		}
		return nil
	}
	err := errors.Join(
		read("en.json", func(key, text string) error { return b.SetString(language.English, key, text) }),
		read("one.json", func(key, one string) error {
			return b.Set(language.English, key, plural.Selectf(1, "%d", plural.One, one, plural.Other, key))
		}),
		read("ja.json", func(key, text string) error { return b.SetString(language.Japanese, key, text) }),
	)
	w.catalog = b
	return w, err
}

func (w *words) printer(lang language.Tag) *message.Printer {
	return message.NewPrinter(lang, message.Catalog(w.catalog))
}

// Left says how much time is left, to the minute: t is what translates.
func Left(t func(key string, args ...any) string, d time.Duration) string {
	switch minutes := int64(d / time.Minute); {
	case d <= 0:
		return t("no time left")
	case minutes < 1:
		return t("less than a minute left")
	case minutes < 60:
		return t("%d min left", minutes)
	default:
		return t("%d h %d min left", minutes/60, minutes%60)
	}
}

type layouts struct{ day, moment string }

// layoutsOf returns how moments are written. They are in UTC, as everywhere in the program: local times are what makes two
// systems disagree about a day.
func layoutsOf(lang language.Tag) layouts {
	if lang == language.Japanese {
		return layouts{"2006年1月2日", "2006年1月2日 15:04 UTC"}
	}
	return layouts{"2 Jan 2006", "2 Jan 2006 15:04 UTC"}
}

// at returns a moment of one of the types that have it; zero for anything else.
func at(v any) time.Time {
	switch v := v.(type) {
	case time.Time:
		return v.UTC()
	case *time.Time:
		if v != nil {
			return v.UTC()
		}
	case csvspec.Timestamp:
		return v.Time()
	case string:
		for _, layout := range []string{time.DateOnly, time.RFC3339} {
			if t, err := time.Parse(layout, v); err == nil {
				return t.UTC()
			}
		}
	}
	return time.Time{}
}

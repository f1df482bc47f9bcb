package page

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/internal/page"
)

//go:embed words/*.json
var catalogues embed.FS

// words are the page's own sentences. Their keys are the English ones, as they stand in the templates.
type words struct {
	catalog   catalog.Catalog
	languages []language.Tag
}

// newWords reads the catalogues. ja.json has the Japanese sentence of each key. one.json has the English one of keys that
// count something, for when it is one; a count that decides is the first argument.
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

// funcs are what templates may call, in one language.
func (w *words) funcs(lang language.Tag) template.FuncMap {
	t := func(key string, args ...any) string { return w.printer(lang).Sprintf(key, args...) }
	return template.FuncMap{
		"t":      t,
		"number": func(n any) string { return w.printer(lang).Sprintf("%d", n) },
		"moment": func(v any) string { return at(v).Format(layoutsOf(lang).moment) },
		"day":    func(v any) string { return at(v).Format(layoutsOf(lang).day) },
		"iso":    func(v any) string { return at(v).Format(time.RFC3339) },
		"known":  func(v any) bool { return !at(v).IsZero() },
		"money":  page.Money,
		"upper":  strings.ToUpper,
		"left":   func(until, now time.Time) string { return Left(t, until.Sub(now)) },
		"short": func(id string) string {
			if len(id) > 16 {
				return id[:16] + "…"
			}
			return id
		},
		"percent": func(part, whole int64) int64 {
			if whole <= 0 {
				return 0
			}
			return min(100, part*100/whole)
		},
		"sub":  func(a, b int64) int64 { return a - b },
		"int":  func(n int) int64 { return int64(n) },
		"dict": dict,
	}
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

// dict hands several values to a template.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("dict: names and values come in pairs")
	}
	m := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, errors.New("dict: a name is no text")
		}
		m[name] = pairs[i+1]
	}
	return m, nil
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
		if t, err := time.Parse(time.DateOnly, v); err == nil {
			return t
		}
	}
	return time.Time{}
}

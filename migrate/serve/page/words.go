package page

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"reflect"
	"slices"
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
		"dict":  dict,
		"join":  strings.Join,
		"mb":    func(bytes int64) int64 { return bytes >> 20 },
		"wide":  func(n int) int64 { return int64(n) },
		"size":  func(bytes int64) string { return size(w.printer(lang), bytes) },
		"about": func(name string) string { return about(t, name) },
		"basis": func(v any) string { return "" },
		"either": func(first bool, yes, no string) string {
			if first {
				return yes
			}
			return no
		},
		"deref":      deref,
		"kinds":      func() []string { return []string{"verify", "who_bills", "monitor", "report"} },
		"severities": func() []string { return []string{"error", "deferred", "warning", "info"} },
		"charged":    nth,
		"has":        slices.Contains[[]string],
		"token":      func(s any) string { return fmt.Sprint(s) },
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
		for _, layout := range []string{time.DateOnly, time.RFC3339} {
			if t, err := time.Parse(layout, v); err == nil {
				return t.UTC()
			}
		}
	}
	return time.Time{}
}

// nth returns an element of a slice, nil when it is shorter: what a table has a column for and a row may lack.
func nth(list any, n int) any {
	v := reflect.ValueOf(list)
	if n >= v.Len() {
		return nil
	}
	return v.Index(n).Interface()
}

// deref returns what a pointer points to.
func deref(v any) any {
	if p := reflect.ValueOf(v); p.Kind() == reflect.Pointer && !p.IsNil() {
		return p.Elem().Interface()
	}
	return v
}

// size writes how large a file is.
func size(p *message.Printer, bytes int64) string {
	switch {
	case bytes >= 10<<20:
		return p.Sprintf("%d MB", bytes>>20)
	case bytes >= 10<<10:
		return p.Sprintf("%d KB", bytes>>10)
	}
	return p.Sprintf("%d bytes", bytes)
}

// about says what a file is that a job has made; "" of one that is not known.
func about(t func(key string, args ...any) string, name string) string {
	switch name {
	case "ready.csv":
		return t("The rows that can be started")
	case "deferred.csv":
		return t("The rows that start too soon, for later")
	case "errors.csv":
		return t("The rows with errors")
	case "mended.csv":
		return t("The file with everything mended that has one meaning only")
	case "findings.csv":
		return t("The whole file with a column that says what is wrong")
	case "findings.xlsx":
		return t("The file as a workbook, faulty cells marked")
	case "findings.html":
		return t("All findings as a page to read")
	case "findings.json", "findings.ndjson", "findings.sarif", "mended.json":
		return t("Findings, for programs")
	case "plan.html":
		return t("The plan as a page to read")
	case "plan.json", "plan.ndjson":
		return t("The plan, for programs")
	case "charges.csv":
		return t("A line for each charge, for a spreadsheet")
	}
	return t("A result that was asked for")
}

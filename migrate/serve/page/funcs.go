package page

import (
	"errors"
	"fmt"
	"html/template"
	"reflect"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/internal/page"
)

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
		"left":   func(until, now time.Time) string { return Left(t, until.Sub(now)) },
		"money":  page.Money,
		"mb":     func(bytes int64) int64 { return bytes >> 20 },
		"size":   func(bytes int64) string { return size(w.printer(lang), bytes) },
		"about":  func(name string) string { return about(t, name) },
		"who": func(name string) string {
			if name == "local" || name == "job" { // the others are names of people, which are no keys
				return t("person " + name)
			}
			return name
		},
		"did": func(action string) string {
			if before, found := strings.CutSuffix(action, " refused"); found {
				return t("attempt refused (%s)", before)
			}
			return t("did " + action)
		},
		"basis":      basis,
		"severities": func() []string { return []string{"error", "deferred", "warning", "info"} },
		"short":      func(id string) string { return id[:min(16, len(id))] + "…" },
		"token":      func(v any) string { return fmt.Sprint(v) },
		"wide":       func(n int) int64 { return int64(n) },
		"upper":      strings.ToUpper,
		"join":       strings.Join,
		"has":        slices.Contains[[]string],
		"deref":      deref,
		"nth":        nth,
		"dict":       dict,
		"mode": func(livemode bool) string {
			return map[bool]string{false: "test", true: "live"}[livemode]
		},
	}
}

// basis says what the figures of a charge rest on besides the account, or why they are not known.
func basis(assumptions, unknown []string) string {
	var all []string
	for _, why := range unknown {
		all = append(all, forecast.Reason(why).Description())
	}
	for _, what := range assumptions {
		if what == string(forecast.MadeUpAccount) { // the page says it once for all
			continue
		}
		all = append(all, forecast.Assumption(what).Description())
	}
	return strings.Join(all, "; ")
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
	case "differences.csv":
		return t("Rows that are not as they should be")
	case "receipt.csv":
		return t("The proof that every row is as it should be")
	case "who_bills.csv":
		return t("Who charges each customer next")
	case "monitor.csv", "monitor.html":
		return t("The first payments, and what went wrong with them")
	case "report.csv":
		return t("What became of each row: old and new IDs")
	case "refused.csv":
		return t("The rows that Stripe has refused")
	case "charges.csv":
		return t("A line for each charge, for a spreadsheet")
	}
	return t("A result that was asked for")
}

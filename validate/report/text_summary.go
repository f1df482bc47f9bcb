package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/subferry/subferry/validate"
)

// summary writes what the file comes to, and the findings counted by kind.
func (t *Text) summary(r *validate.Report) {
	fmt.Fprintf(t.w, "%s: %s template, %s, %s\n", visible(r.File), r.Template, count(r.Rows, "row", "rows"), count(r.Customers, "customer", "customers"))
	fmt.Fprintf(t.w, "  %s valid", thousands(r.Valid))
	if r.Deferred > 0 {
		fmt.Fprintf(t.w, ", %s deferred (right, but the start is too soon)", thousands(r.Deferred))
	}
	if r.Invalid > 0 {
		fmt.Fprintf(t.w, ", %s to be mended", thousands(r.Invalid))
	}
	if r.FirstStart != nil {
		fmt.Fprintf(t.w, "; the first starts on %s", r.FirstStart.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	fmt.Fprintln(t.w)
	for _, rank := range ranks() {
		t.counts(rank)
	}
	if t.total == 0 {
		fmt.Fprintln(t.w, "\nNothing to mend.")
	}
}

// counts writes the kinds of a rank.
func (t *Text) counts(rank validate.Severity) {
	kinds := t.sortedKinds(rank)
	if len(kinds) == 0 {
		return
	}
	n, wide := 0, 0
	for _, k := range kinds {
		n += k.n
		wide = max(wide, len(k.code))
	}
	fmt.Fprintf(t.w, "\n%s\n", t.paint(rank, count(n, headings()[rank][0], headings()[rank][1])))
	for _, k := range kinds {
		fmt.Fprintf(t.w, "  %8s  %-*s  %s\n", thousands(k.n), wide, k.code, t.catalog.title(k.code))
	}
}

// headings are the ranks in the singular and the plural.
func headings() map[validate.Severity][2]string {
	return map[validate.Severity][2]string{
		validate.Error: {"error", "errors"}, deferredRank: {"deferred row", "deferred rows"},
		validate.Warning: {"warning", "warnings"}, validate.Info: {"note", "notes"},
	}
}

// paint colours the text by rank.
func (t *Text) paint(rank validate.Severity, text string) string {
	if !t.opts.Colour {
		return text
	}
	code := map[validate.Severity]string{validate.Error: "1;31", deferredRank: "1;35", validate.Warning: "1;33"}[rank]
	if code == "" {
		code = "1;36"
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

// thousands writes 1234567 as 1,234,567.
func thousands(n int) string {
	digits := strconv.Itoa(n)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

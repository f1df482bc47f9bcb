package report

import (
	"fmt"

	"github.com/subferry/subferry/csvspec/words"
	"github.com/subferry/subferry/validate"
)

// summary writes what the file comes to, and the findings counted by kind.
func (t *Text) summary(r *validate.Report) {
	fmt.Fprintf(t.w, "%s: %s template, %s, %s\n", visible(r.File), r.Template, words.GroupedCount(r.Rows, "row"), words.GroupedCount(r.Customers, "customer"))
	fmt.Fprintf(t.w, "  %s valid", words.Grouped(r.Valid))
	if r.Deferred > 0 {
		fmt.Fprintf(t.w, ", %s deferred (right, but the start is too soon)", words.Grouped(r.Deferred))
	}
	if r.Invalid > 0 {
		fmt.Fprintf(t.w, ", %s to be mended", words.Grouped(r.Invalid))
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
	headings := map[validate.Severity]string{validate.Error: "error", deferredRank: "deferred row", validate.Warning: "warning", validate.Info: "note"}
	fmt.Fprintf(t.w, "\n%s\n", t.paint(rank, words.GroupedCount(n, headings[rank])))
	for _, k := range kinds {
		fmt.Fprintf(t.w, "  %8s  %-*s  %s\n", words.Grouped(k.n), wide, k.code, t.catalog.title(k.code))
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

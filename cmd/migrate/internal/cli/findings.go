package cli

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/subferry/subferry/validate"
)

// showCounts prints what was read, before the details.
func (a *app) showCounts(r *validate.Report) {
	a.print("%s: %s template, %s (%d valid, %d deferred, %d invalid), %s\n",
		r.File, r.Template, plural(r.Rows, "row"), r.Valid, r.Deferred, r.Invalid, plural(r.Customers, "customer"))
	if r.FirstStart != nil {
		a.print("first start: %s\n", a.when(*r.FirstStart))
	}
	for _, k := range tallyOf(r.Findings) {
		a.print("%6d %-7s %s\n", k.n, k.severity, k.code)
	}
}

// showFindings prints findings, at most limit of them.
func (a *app) showFindings(file string, findings []validate.Finding, limit int) {
	shown := findings
	if limit > 0 && len(shown) > limit {
		shown = shown[:limit]
	}
	for _, f := range shown {
		a.print("\n%s\n", f.At(file))
		if f.Fix != "" {
			a.print("    fix: %s\n", f.Fix)
		}
	}
	if more := len(findings) - len(shown); more > 0 {
		a.print("\n… and %d more; --limit 0 or -o json shows all.\n", more)
	}
}

// kindCount is how often a rule was broken.
type kindCount struct {
	code     string
	severity validate.Severity
	n        int
}

// tallyOf counts findings by kind, the worst and most frequent first.
func tallyOf(findings []validate.Finding) []kindCount {
	at := map[string]int{}
	var kinds []kindCount
	for _, f := range findings {
		key := fmt.Sprint(f.Severity, f.Code)
		i, ok := at[key]
		if !ok {
			i = len(kinds)
			at[key] = i
			kinds = append(kinds, kindCount{code: f.Code, severity: f.Severity})
		}
		kinds[i].n++
	}
	slices.SortStableFunc(kinds, func(x, y kindCount) int {
		return cmp.Or(cmp.Compare(severityRank(x.severity), severityRank(y.severity)), cmp.Compare(y.n, x.n), cmp.Compare(x.code, y.code))
	})
	return kinds
}

func severityRank(s validate.Severity) int {
	return slices.Index([]validate.Severity{validate.Error, validate.Warning, validate.Info}, s)
}

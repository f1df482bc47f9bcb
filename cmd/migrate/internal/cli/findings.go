package cli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/report"
)

// writeText writes a validation for people: counts first, then the worst findings.
func (a *app) writeText(r *validate.Report, found validate.Findings, limit int, ways report.Commands) error {
	text := report.NewText(a.stdout(), a.textOptions(limit, ways))
	return errors.Join(text.Add(found), text.Close(r))
}

// findingsBeside writes findings as text beside standard output, where something else is expected.
func (a *app) findingsBeside(r *validate.Report) error {
	return report.NewText(a.env.Stderr, report.TextOptions{Limit: defaultLimit, Colour: a.colours(a.env.Tty.Stderr)}).Close(r)
}

// textOptions says how findings are shown; as a flag, a limit of 0 means all.
func (a *app) textOptions(limit int, ways report.Commands) report.TextOptions {
	if limit == 0 {
		limit = -1
	}
	return report.TextOptions{Limit: limit, Colour: a.colours(a.env.Tty.Stdout), Commands: ways}
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

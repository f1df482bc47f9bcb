package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"

	"github.com/subferry/subferry/validate"
)

// TextOptions say how text is written.
type TextOptions struct {
	Limit  int             // how many findings are shown in detail; 0 means 20, a negative number means all that memory should hold
	Colour bool            // ANSI colours
	Rules  []validate.Rule // rules of the user's own, for their titles

	Commands Commands // the commands that mend something; nil names none
}

const (
	defaultLimit = 20
	mostDetails  = 10_000
)

// Text writes for people: counts by kind first, then the worst findings in detail, each with its line of the file.
type Text struct {
	w       *bufio.Writer
	opts    TextOptions
	catalog catalog
	kinds   map[string]*kind
	worst   map[validate.Severity]validate.Findings // the first ones of each severity
	total   int
}

// kind counts the findings of a code.
type kind struct {
	code     string
	severity validate.Severity
	deferred bool
	n        int
}

// NewText returns a renderer that writes to w when it is closed.
func NewText(w io.Writer, opts TextOptions) *Text {
	switch {
	case opts.Limit == 0:
		opts.Limit = defaultLimit
	case opts.Limit < 0 || opts.Limit > mostDetails:
		opts.Limit = mostDetails
	}
	return &Text{w: bufio.NewWriter(w), opts: opts, catalog: newCatalog(opts.Rules),
		kinds: map[string]*kind{}, worst: map[validate.Severity]validate.Findings{}}
}

// Add implements Renderer.
func (t *Text) Add(found validate.Findings) error {
	for _, f := range found {
		t.total++
		k := t.kinds[f.Code]
		if k == nil {
			k = &kind{code: f.Code, severity: f.Severity, deferred: f.Deferred}
			t.kinds[f.Code] = k
		}
		k.n++
		if rank := rankOf(f); len(t.worst[rank]) < t.opts.Limit {
			t.worst[rank] = append(t.worst[rank], f)
		}
	}
	return nil
}

// deferredRank is behind errors that make a row wrong, and before warnings.
const deferredRank validate.Severity = "deferred"

func rankOf(f validate.Finding) validate.Severity {
	if f.Deferred {
		return deferredRank
	}
	return f.Severity
}

// ranks are the classes of findings, worst first.
func ranks() []validate.Severity {
	return []validate.Severity{validate.Error, deferredRank, validate.Warning, validate.Info}
}

// Close implements Renderer.
func (t *Text) Close(r *validate.Report) error {
	limit := t.opts.Limit
	t.opts.Limit += len(r.Findings) // those of the report are few, and may come before the others
	_ = t.Add(r.Findings)
	t.summary(r)
	var details validate.Findings
	for _, rank := range ranks() {
		of := t.worst[rank]
		of.Sort()
		details = append(details, of[:min(len(of), limit-len(details))]...)
	}
	if len(details) > 0 && len(details) < t.total {
		fmt.Fprintf(t.w, "\nThe worst %d of %d findings:\n", len(details), t.total)
	}
	for _, f := range details {
		t.detail(r.File, f)
	}
	return t.w.Flush()
}

// sortedKinds returns the kinds of a rank, the most frequent first.
func (t *Text) sortedKinds(rank validate.Severity) []*kind {
	var list []*kind
	for _, k := range t.kinds {
		if k.severity == rank && !k.deferred || k.deferred && rank == deferredRank {
			list = append(list, k)
		}
	}
	slices.SortFunc(list, func(a, b *kind) int {
		if a.n != b.n {
			return b.n - a.n
		}
		if a.code < b.code {
			return -1
		}
		return 1
	})
	return list
}

package report

import (
	"crypto/sha256"
	_ "embed" // the page
	"encoding/base64"
	"html/template"

	"github.com/subferry/subferry/validate"
)

var (
	//go:embed page/page.html
	pageHTML string
	//go:embed page/page.css
	pageStyle string
	//go:embed page/page.js
	pageScript string
)

// pageView is what page.html shows.
type pageView struct {
	Report                *validate.Report
	FirstStart            string
	Total, Rest           int
	Kinds                 []pageKind
	Ranks                 []string
	Style                 template.CSS
	StyleHash, ScriptHash string
}

type pageKind struct {
	Rank, Code, Title string
	N                 int
}

func (h *HTML) view(r *validate.Report) pageView {
	v := pageView{Report: r, Total: h.counts.total, Rest: h.rest, Style: template.CSS(pageStyle),
		StyleHash: hashSource(pageStyle), ScriptHash: hashSource(pageScript)}
	if r.FirstStart != nil {
		v.FirstStart = r.FirstStart.UTC().Format("2 January 2006, 15:04:05 UTC")
	}
	for _, rank := range ranks() {
		kinds := h.counts.sortedKinds(rank)
		if len(kinds) > 0 {
			v.Ranks = append(v.Ranks, string(rank))
		}
		for _, k := range kinds {
			v.Kinds = append(v.Kinds, pageKind{string(rank), k.code, h.catalog.title(k.code), k.n})
		}
	}
	return v
}

// hashSource lets the page's own style or script, and no other, pass its security policy.
func hashSource(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

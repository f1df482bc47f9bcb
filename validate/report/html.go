package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"html/template"
	"io"

	"github.com/subferry/subferry/csvspec/words"
	"github.com/subferry/subferry/validate"
)

// maxHTML is how many findings a page holds: more than anybody reads, and as much as a browser shows at once.
const maxHTML = 100_000

// HTML writes one page that needs nothing else: a summary, counts by kind, and a table that can be searched and
// filtered, with the keyboard and on a phone.
type HTML struct {
	w       io.Writer
	counts  *Text // counts by kind as the text does
	catalog catalog
	found   *findingBuffer
	rest    int
	ways    Commands
}

// NewHTML returns a renderer that writes to w when it is closed; rules are those of the user's own.
func NewHTML(w io.Writer, rules []validate.Rule) *HTML {
	return &HTML{w: w, counts: NewText(io.Discard, TextOptions{Limit: 1, Rules: rules}), catalog: newCatalog(rules), found: newFindingBuffer()}
}

// Commands sets how commands that mend something are written; without them none is named.
func (h *HTML) Commands(ways Commands) { h.ways = ways }

// Add implements Renderer.
func (h *HTML) Add(found validate.Findings) error {
	_ = h.counts.Add(found) // only counts
	for _, f := range found {
		if h.found.n >= maxHTML {
			h.rest++
			continue
		}
		encoded, err := h.encode(f)
		if err != nil {
			return err
		}
		if err := h.found.add(placeOf(f), encoded); err != nil {
			return err
		}
	}
	return nil
}

// encode returns the finding as page.js takes it. The fix is left out when it is the rule's own.
func (h *HTML) encode(f validate.Finding) ([]byte, error) {
	fix := f.Fix
	if fix == h.catalog[f.Code].Fix {
		fix = ""
	}
	return json.Marshal([]any{rankOf(f), f.Code, f.Line, f.Row, f.Column, visible(f.Value), f.Message, fix, f.Suggestion, f.Cell, h.command(f)})
}

// command returns the command that mends what was found, with the words in front of it; "" when there is none.
func (h *HTML) command(f validate.Finding) []string {
	if command := h.ways.of(f); command != "" {
		return []string{mendedBy(f.Mend), command}
	}
	return nil
}

// Close implements Renderer.
func (h *HTML) Close(r *validate.Report) error {
	defer h.found.close()
	_ = h.counts.Add(r.Findings)
	w := bufio.NewWriter(h.w)
	if err := h.page(w, r); err != nil {
		return err
	}
	_, _ = w.WriteString(`<script type="application/json" id="data">[`)
	separator := "\n"
	err := h.found.merged(r.Findings, h.encode, func(encoded []byte) error {
		_, _ = w.WriteString(separator)
		separator = ",\n"
		_, err := w.Write(encoded)
		return err
	})
	if err != nil {
		return err
	}
	rules, err := json.Marshal(h.used())
	if err != nil {
		return err
	}
	_, _ = w.WriteString("]</script>\n<script type=\"application/json\" id=\"rules\">" + string(rules) + "</script>\n")
	_, _ = w.WriteString("<script>" + pageScript + "</script>\n</body>\n</html>\n")
	return w.Flush()
}

// used returns title and fix of the rules that the page speaks of.
func (h *HTML) used() map[string][2]string {
	all := map[string][2]string{}
	for code := range h.counts.kinds {
		all[code] = [2]string{h.catalog.title(code), h.catalog[code].Fix}
	}
	return all
}

// page writes everything in front of the findings.
func (h *HTML) page(w io.Writer, r *validate.Report) error {
	page, err := template.New("page").Funcs(template.FuncMap{"number": words.Grouped[int], "count": words.GroupedCount[int]}).Parse(pageHTML)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := page.Execute(&b, h.view(r)); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

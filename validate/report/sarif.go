package report

import (
	"bufio"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/subferry/subferry/validate"
)

// maxSARIF is how many results a code host takes from one run (GitHub: 25,000).
const maxSARIF = 25_000

// SARIF writes the Static Analysis Results Interchange Format, version 2.1.0, which code hosts show as annotations
// of the file. Beyond 25,000 findings, which GitHub would refuse, the rest is counted in a notification.
//
// Source: docs.oasis-open.org/sarif/sarif/v2.1.0.
type SARIF struct {
	w     io.Writer
	found *findingBuffer
	rules []validate.Rule
	index map[string]int
	rest  int
	file  string // of the findings; known when the report is
}

// NewSARIF returns a renderer that writes to w when it is closed. file is what the report will call the file, as a
// path in the repository; rules are those of the user's own.
func NewSARIF(w io.Writer, file string, rules []validate.Rule) *SARIF {
	s := &SARIF{w: w, found: newFindingBuffer(), rules: append(validate.Rules(), rules...), index: map[string]int{}, file: file}
	for i, r := range s.rules {
		s.index[r.Code] = i
	}
	return s
}

// Add implements Renderer.
func (s *SARIF) Add(found validate.Findings) error {
	for _, f := range found {
		if s.found.n >= maxSARIF {
			s.rest++
			continue
		}
		encoded, err := s.encode(f)
		if err != nil {
			return err
		}
		if err := s.found.add(placeOf(f), encoded); err != nil {
			return err
		}
	}
	return nil
}

// Close implements Renderer.
func (s *SARIF) Close(r *validate.Report) error {
	defer s.found.close()
	late := r.Findings
	if room := maxSARIF - s.found.n; len(late) > room {
		s.rest += len(late) - room
		late = late[:room]
	}
	w := bufio.NewWriter(s.w)
	err := writeAround(w, s.log(r), `"results": []`, func() error {
		separator := "\n"
		return s.found.merged(late, s.encode, func(encoded []byte) error {
			_, _ = w.WriteString(separator + "        ")
			separator = ",\n"
			_, err := w.Write(encoded)
			return err
		})
	})
	if err != nil {
		return err
	}
	return w.Flush()
}

func (s *SARIF) encode(f validate.Finding) ([]byte, error) { return marshal(s.result(f), "") }

// result turns a finding into a SARIF result.
func (s *SARIF) result(f validate.Finding) sarifResult {
	res := sarifResult{RuleID: f.Code, Level: level(f.Severity), Message: sarifText{sentence(f)}}
	if i, ok := s.index[f.Code]; ok {
		res.RuleIndex = &i
	}
	loc := sarifLocation{Physical: sarifPhysical{Artifact: sarifArtifact{URI: uri(s.file)}}}
	if f.Line > 0 && f.Cell == "" {
		loc.Physical.Region = &sarifRegion{StartLine: f.Line, StartColumn: f.Excerpt.Column, EndColumn: f.Excerpt.EndColumn}
	}
	if name := f.Column + f.Cell; name != "" {
		loc.Logical = []sarifLogical{{Name: strings.TrimSpace(f.Column + " " + f.Cell)}}
	}
	res.Locations = []sarifLocation{loc}
	res.Properties = map[string]any{"row": f.Row, "column": f.Column, "columnNumber": f.ColumnNumber, "value": f.Value}
	if f.Suggestion != "" {
		res.Properties["suggestion"] = f.Suggestion
	}
	if f.Mend != "" {
		res.Properties["mend"] = f.Mend
	}
	return res
}

// level is the severity in SARIF's words.
func level(s validate.Severity) string {
	if s == validate.Info {
		return "note"
	}
	return string(s)
}

// sentence is message and fix, which code hosts show together.
func sentence(f validate.Finding) string {
	text := what(f)
	if f.Fix != "" {
		text += " " + f.Fix
	}
	if f.Suggestion != "" {
		text += fmt.Sprintf(" Write: %s", f.Suggestion)
	}
	return text
}

// uri writes the path as a relative reference.
func uri(path string) string {
	return (&url.URL{Path: strings.TrimPrefix(filepath.ToSlash(path), "./")}).EscapedPath()
}

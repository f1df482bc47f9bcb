package report

import (
	"fmt"

	"github.com/subferry/subferry/validate"
)

// The parts of a SARIF log that are used here, in the order of the specification.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		Artifacts   []sarifFile       `json:"artifacts"`
		ColumnKind  string            `json:"columnKind"`
		Results     []sarifResult     `json:"results"`
		Properties  map[string]any    `json:"properties"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		URI   string      `json:"informationUri"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      string      `json:"id"`
		Short   sarifText   `json:"shortDescription"`
		Full    sarifText   `json:"fullDescription"`
		Help    sarifText   `json:"help"`
		Default sarifConfig `json:"defaultConfiguration"`
	}
	sarifConfig struct {
		Level string `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level   string    `json:"level"`
		Message sarifText `json:"message"`
	}
	sarifFile struct {
		Location sarifArtifact     `json:"location"`
		Hashes   map[string]string `json:"hashes,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifResult struct {
		RuleID     string          `json:"ruleId"`
		RuleIndex  *int            `json:"ruleIndex,omitempty"`
		Level      string          `json:"level"`
		Message    sarifText       `json:"message"`
		Locations  []sarifLocation `json:"locations"`
		Properties map[string]any  `json:"properties,omitempty"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
	sarifLogical struct {
		Name string `json:"name"`
	}
)

// log returns the log without its results.
func (s *SARIF) log(r *validate.Report) sarifLog {
	run := sarifRun{
		Tool:        sarifTool{sarifDriver{Name: "subferry", URI: "https://github.com/subferry/subferry", Rules: s.descriptions()}},
		Invocations: []sarifInvocation{{Successful: true}},
		Artifacts:   []sarifFile{{Location: sarifArtifact{uri(s.file)}, Hashes: map[string]string{"sha-256": r.SHA256}}},
		ColumnKind:  "unicodeCodePoints",
		Results:     []sarifResult{},
		Properties: map[string]any{"template": r.Template, "rows": r.Rows, "valid": r.Valid, "invalid": r.Invalid,
			"deferred": r.Deferred, "customers": r.Customers},
	}
	if s.rest > 0 {
		run.Invocations[0].Notifications = []sarifNotification{{"warning", sarifText{fmt.Sprintf("%d further findings are left out: code hosts take at most %d.", s.rest, maxSARIF)}}}
	}
	return sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}}
}

func (s *SARIF) descriptions() []sarifRule {
	var list []sarifRule
	for _, r := range s.rules {
		if r.Severity == "" {
			r.Severity = validate.Error
		}
		list = append(list, sarifRule{
			ID: r.Code, Short: sarifText{orCode(r.Title, r.Code)}, Full: sarifText{orCode(r.Why, r.Code)},
			Help: sarifText{orCode(r.Fix, r.Code)}, Default: sarifConfig{level(r.Severity)},
		})
	}
	return list
}

func orCode(text, code string) string {
	if text == "" {
		return code
	}
	return text
}

package report_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/report"
)

// sarif is what the schema of SARIF 2.1.0 demands, as far as code hosts look at it.
type sarif struct {
	Schema  string `json:"$schema"`
	Version string
	Runs    []struct {
		Tool struct {
			Driver struct {
				Name  string
				Rules []struct{ ID string }
			}
		}
		Invocations []struct {
			ExecutionSuccessful        bool
			ToolExecutionNotifications []struct{ Message struct{ Text string } }
		}
		Results []struct {
			RuleID    string
			RuleIndex *int
			Level     string
			Message   struct{ Text string }
			Locations []struct {
				PhysicalLocation struct {
					ArtifactLocation struct{ URI string }
					Region           *struct{ StartLine, StartColumn, EndColumn int }
				}
			}
		}
	}
}

func TestSARIF(t *testing.T) {
	var b bytes.Buffer
	scan(t, broken, report.NewSARIF(&b, "./data/subs 1.csv", []validate.Rule{own()}))
	var log sarif
	require.NoError(t, json.Unmarshal(b.Bytes(), &log))
	require.Equal(t, "2.1.0", log.Version)
	require.Len(t, log.Runs, 1)
	run := log.Runs[0]
	require.Equal(t, len(validate.Rules())+1, len(run.Tool.Driver.Rules))
	for _, r := range run.Results {
		require.Equal(t, r.RuleID, run.Tool.Driver.Rules[*r.RuleIndex].ID)
		require.Contains(t, []string{"error", "warning", "note"}, r.Level)
		require.NotEmpty(t, r.Message.Text)
		require.Len(t, r.Locations, 1)
		place := r.Locations[0].PhysicalLocation
		uri, err := url.Parse(place.ArtifactLocation.URI)
		require.NoError(t, err)
		require.Equal(t, "data/subs 1.csv", uri.Path)
		require.False(t, uri.IsAbs())
		if place.Region != nil {
			require.Positive(t, place.Region.StartLine)
			require.LessOrEqual(t, place.Region.StartColumn, place.Region.EndColumn)
		}
	}
}

// TestSARIFLimit leaves out what GitHub would refuse the whole file for, and says so.
func TestSARIFLimit(t *testing.T) {
	var b bytes.Buffer
	s := report.NewSARIF(&b, "x.csv", nil)
	many := make(validate.Findings, 30_000)
	for i := range many {
		many[i] = validate.Finding{Code: "customer_missing", Severity: validate.Error, Line: i + 2, Row: i + 1, Message: "m", Fix: "f"}
	}
	require.NoError(t, s.Add(many))
	require.NoError(t, s.Close(&validate.Report{File: "x.csv", Findings: many[:3]}))
	var log sarif
	require.NoError(t, json.Unmarshal(b.Bytes(), &log))
	require.Len(t, log.Runs[0].Results, 25_000)
	require.Contains(t, log.Runs[0].Invocations[0].ToolExecutionNotifications[0].Message.Text, "5003 further findings")
}

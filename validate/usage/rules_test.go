package usage_test

import (
	"context"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/usage"
)

var update = flag.Bool("update", false, "write golden files")

// now is when the examples of the rules are judged.
var now = time.Date(2027, 1, 1, 0, 30, 0, 0, time.UTC)

const header = "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\n"

func judge(t *testing.T, text string, o usage.Options) *validate.Report {
	t.Helper()
	if o.Now.IsZero() {
		o.Now = now
	}
	r, err := usage.File(context.Background(), "usage.csv", strings.NewReader(text), o)
	require.NoError(t, err)
	return r
}

func codes(r *validate.Report) map[string]int {
	all := map[string]int{}
	for _, f := range r.Findings {
		all[f.Code]++
	}
	return all
}

func TestReference(t *testing.T) {
	got := validate.Reference(usage.Rules())
	if *update {
		require.NoError(t, os.WriteFile("RULES.md", []byte(got), 0o644))
	}
	want, err := os.ReadFile("RULES.md")
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// what a rule needs to know beside the file, for those whose examples are no files.
func special() map[string]struct {
	bad, good string
	options   usage.Options
} {
	row := func(meter, customer string) string {
		return header + "use-1,1798761600," + meter + "," + customer + ",7\n"
	}
	meters := map[string]usage.Meter{
		"api_calls": {ID: "mtr_1", EventName: "api_calls", Active: true, Formula: "sum", CustomerKey: "stripe_customer_id", ValueKey: "value"},
		"seats":     {ID: "mtr_2", EventName: "seats", Active: true, Formula: "last", CustomerKey: "stripe_customer_id", ValueKey: "value"},
		"old":       {ID: "mtr_3", EventName: "old", Formula: "sum", CustomerKey: "stripe_customer_id", ValueKey: "value"},
		"bytes":     {ID: "mtr_4", EventName: "bytes", Active: true, Formula: "sum", CustomerKey: "stripe_customer_id", ValueKey: "bytes_used"},
	}
	known := usage.Options{Meters: meters, Present: map[string]bool{"cus_Ada": true}}
	good := row("api_calls", "cus_Ada")
	taken := usage.Options{Sent: func(e *usage.Event) *usage.Earlier {
		return &usage.Earlier{Run: "use_1", Row: 3, Same: e.Value == "7"}
	}}
	type c = struct {
		bad, good string
		options   usage.Options
	}
	return map[string]c{
		"usage_meter_unknown":     {row("api_cals", "cus_Ada"), good, known},
		"usage_meter_inactive":    {row("old", "cus_Ada"), good, known},
		"usage_meter_payload":     {row("bytes", "cus_Ada"), good, known},
		"usage_meter_last":        {row("seats", "cus_Ada"), good, known},
		"usage_customer_unknown":  {row("api_calls", "cus_Bob"), good, known},
		"usage_customer_unmapped": {row("api_calls", "cus_Old"), good, usage.Options{Customers: map[string]string{"cus_Alt": "cus_Ada"}}},
		"usage_identifier_taken":  {header + "use-1,1798761600,api_calls,cus_Ada,8\n", good, taken},
		"column_blank":            {strings.Replace(header, "\n", ",\n", 1) + "use-1,1798761600,api_calls,cus_Ada,7,8\n", good, usage.Options{}},
		"column_duplicate":        {strings.Replace(header, "\n", ",payload_value\n", 1) + "use-1,1798761600,api_calls,cus_Ada,7,8\n", good, usage.Options{}},
		"row_ragged":              {header + "use-1,1798761600,api_calls,cus_Ada,7,8\n", good, usage.Options{}},
	}
}

// Every rule finds what its bad example shows, and nothing in its good one, in which nothing else is wrong either.
func TestEveryRuleFindsItsExample(t *testing.T) {
	others := special()
	for _, r := range usage.Rules() {
		t.Run(r.Code, func(t *testing.T) {
			bad, good, o := r.Bad, r.Good, usage.Options{}
			if s, ok := others[r.Code]; ok {
				bad, good, o = s.bad, s.good, s.options
			} else if !strings.HasPrefix(r.Code, "usage_") {
				t.Skip("a rule about text, whose example is one of package validate")
			}
			found := judge(t, bad, o)
			require.Contains(t, codes(found), r.Code, found.Findings)
			fine := judge(t, good, o)
			require.NotContains(t, codes(fine), r.Code, fine.Findings)
			require.True(t, fine.OK(), fine.Findings)
			for _, f := range found.Findings {
				require.NotEmpty(t, f.Fix, f)
				require.NotContains(t, f.Fix+f.Message, "migrate fix", f)
				require.Empty(t, f.Mend, f)
			}
		})
	}
}

func TestTimesAsPeopleWriteThem(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	for text, want := range map[string]string{
		"1798761600": "2027-01-01T00:00:00Z", "1798761600000": "2027-01-01T00:00:00Z", "1798761600999": "2027-01-01T00:00:00Z",
		"2027-01-01T01:00:00+01:00": "2027-01-01T00:00:00Z", "2027-01-01T00:00:00.500Z": "2027-01-01T00:00:00Z",
		"2027-01-01": "", "2026-12-31 23:00": "", "01/02/2027": "", "46023": "", "20270101": "", "soon": "", "1.79876E+09": "",
	} {
		for _, zone := range []*time.Location{nil, berlin} {
			got := ""
			r, err := usage.Each(context.Background(), "f", strings.NewReader(header+"u,"+text+",api_calls,cus_Ada,1\n"), usage.Options{Now: now, Zone: zone}, visit(&got))
			require.NoError(t, err)
			if zone != nil && text == "2027-01-01" {
				want = "2026-12-31T23:00:00Z"
			} else if zone != nil && text == "2026-12-31 23:00" {
				want = "2026-12-31T22:00:00Z"
			}
			require.Equal(t, want, got, "%s in %v", text, zone)
			require.Equal(t, want != "", r.Invalid == 0, text)
		}
	}
}

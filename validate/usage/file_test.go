package usage_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/usage"
)

// visit keeps the time of the last event.
func visit(into *string) usage.Visit {
	return func(_ *csvspec.Row, _ validate.Findings, e *usage.Event) error {
		*into = e.Timestamp.String()
		return nil
	}
}

func events(t *testing.T, text string, o usage.Options) (all []usage.Event, report *validate.Report) {
	t.Helper()
	if o.Now.IsZero() {
		o.Now = now
	}
	report, err := usage.Each(context.Background(), "usage.csv", strings.NewReader(text), o, func(_ *csvspec.Row, found validate.Findings, e *usage.Event) error {
		require.False(t, found.HasErrors(), found)
		all = append(all, *e)
		return nil
	})
	require.NoError(t, err)
	return all, report
}

func TestARowBecomesAnEvent(t *testing.T) {
	all, report := events(t, "\uFEFFpayload_region;identifier;timestamp;event_name;payload_stripe_customer_id;payload_value\r\n"+
		"eu;use-1;2027-01-01T01:00:00+01:00;api_calls;old_1;007.50\r\n", usage.Options{AllowDecimals: true, Customers: map[string]string{"old_1": "cus_New"}})
	require.Equal(t, []usage.Event{{
		Row: 1, Line: 2, Identifier: "use-1", Timestamp: 1798761600, Meter: "api_calls", Customer: "cus_New", Value: "7.5",
		Payload: []csvspec.KeyValue{{Key: "region", Value: "eu"}, {Key: "stripe_customer_id", Value: "cus_New"}, {Key: "value", Value: "7.5"}},
	}}, all)
	require.Equal(t, 1, report.Customers)
	require.Equal(t, "usage", report.Template)
	require.NotEmpty(t, report.SHA256)
}

// The same content gives the same identifier, in any order of the columns and any way to write time and number.
func TestDerivedIdentifiers(t *testing.T) {
	one, _ := events(t, header+",1798761600,api_calls,cus_Ada,7\n", usage.Options{})
	two, _ := events(t, "payload_value,timestamp,payload_stripe_customer_id,event_name\n7.0,2027-01-01T00:00:00Z,cus_Ada,api_calls\n", usage.Options{})
	other, _ := events(t, header+",1798761601,api_calls,cus_Ada,7\n", usage.Options{})
	require.Equal(t, one[0].Identifier, two[0].Identifier)
	require.NotEqual(t, one[0].Identifier, other[0].Identifier)
	require.LessOrEqual(t, len(one[0].Identifier), usage.MaxIdentifier)
}

func TestEverythingWrongIsSaidInOnePass(t *testing.T) {
	r := judge(t, header+
		",1798761600,,,\n"+
		strings.Repeat("x", 101)+",2027-01-01,api_calls,ada@example.com,1.5\n"+
		"a,1798761600,api_calls,cus_Ada,-1\n"+
		"a,1798861600,api_calls,cus_Ada,1\n"+
		"b,1790000000,other,cus_Ada,many\n", usage.Options{})
	got := codes(r)
	for _, code := range []string{
		"usage_event_name_missing", "usage_customer_missing", "usage_value_missing", "usage_identifier_too_long", "usage_timestamp_zone",
		"usage_customer_not_an_id", "usage_value_decimal", "usage_value_negative", "usage_identifier_duplicate", "usage_timestamp_in_future",
		"usage_timestamp_too_old", "usage_value_unreadable", "usage_meters_mixed", "usage_identifier_derived",
	} {
		require.Equal(t, 1, got[code], "%s in %v", code, r.Findings)
	}
	require.Equal(t, []int{5, 1, 4}, []int{r.Rows, r.Valid, r.Invalid})
}

func TestWorkbooksAndSheetsWithTitles(t *testing.T) {
	f := excelize.NewFile()
	require.NoError(t, f.SetSheetRow("Sheet1", "A1", &[]any{"nothing to see"}))
	_, err := f.NewSheet("Usage")
	require.NoError(t, err)
	require.NoError(t, f.SetSheetRow("Usage", "A2", &[]any{"timestamp", "event_name", "payload_stripe_customer_id", "payload_value"}))
	require.NoError(t, f.SetSheetRow("Usage", "A3", &[]any{1798761600, "api_calls", "cus_Ada", 1234.0}))
	require.NoError(t, f.SetSheetRow("Usage", "A4", &[]any{1798761601, "api_calls", "cus_Ada", "x"}))
	var book bytes.Buffer
	require.NoError(t, f.Write(&book))
	r, err := usage.File(context.Background(), "usage.xlsx", &book, usage.Options{Now: now})
	require.NoError(t, err)
	require.Equal(t, 1, r.Invalid, r.Findings)
	require.Equal(t, 1, r.Valid, r.Findings)
	for _, one := range r.Findings {
		if one.Code == "usage_value_unreadable" {
			require.Equal(t, "D4", one.Cell)
		}
	}
}

func TestValuesAreKeptExactly(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "007": "7", "1.50": "1.5", "-2.0": "-2", "999999999999999": "999999999999999", "0.000000000000001": "0.000000000000001",
		"1e3": "", "1,5": "", "1 000": "", "+5": "", "5.": "", ".5": "", "--1": "", "٣": "", "1234567890123456": "", "NaN": "",
	} {
		r := judge(t, header+"a,1798761600,api_calls,cus_Ada,"+fmt.Sprintf("%q", text)+"\n", usage.Options{AllowDecimals: true})
		require.Equal(t, want != "", r.Invalid == 0, "%s: %v", text, r.Findings)
		if want != "" {
			all, _ := events(t, header+"a,1798761600,api_calls,cus_Ada,"+text+"\n", usage.Options{AllowDecimals: true})
			require.Equal(t, want, all[0].Value)
		}
	}
}

// FuzzFile: whatever a file holds, judging it ends without a panic, and counts every row once.
func FuzzFile(f *testing.F) {
	f.Add(header + "use-1,1798761600,api_calls,cus_Ada,7\n")
	f.Add("timestamp,event_name\n\n,,,\n\"")
	f.Add("payload_value;payload_;timestamp\r1;2;3")
	f.Fuzz(func(t *testing.T, text string) {
		rows := 0
		r, err := usage.Each(context.Background(), "f", strings.NewReader(text), usage.Options{Now: now}, func(*csvspec.Row, validate.Findings, *usage.Event) error {
			rows++
			return nil
		})
		if err == nil {
			require.Equal(t, r.Rows, rows)
			require.Equal(t, r.Rows, r.Valid+r.Invalid+r.Deferred)
		}
	})
}

package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	gotest "gotest.tools/v3/golden"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/report"
)

var now = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)

// broken is a file with mistakes of many kinds, among them text that means something to terminals, spreadsheets and
// browsers.
const broken = `customer,start_date,price,quantity,proration_behavior,metadata.note,cancel_at
cus_Ada,1801440000,price_Pro,1,none,all is well,
cus_Bob,2027-02-01T00:00:00Z,price_Pro,1,,"two
lines, ""quoted""",
=cmd|'/C calc'!A0,1801440000,price_Pro,two,None,"<script>alert(1)</script>",
cus_Cem,1798765200,price_Pro,1,,later,
cus_Dee,1801440000,prod_Pro,-1,,` + "\x1b[31mred" + `,
,,,,,,
cus_Ada,1801440000,price_Pro,1,none,again,
cus_Eve,1801440000,sk_live_51Habc,1,,secret,
cus_Fay,1801440000,price_Pro,1,none,`

// own is a rule of a library user's own.
func own() validate.Rule {
	return validate.Rule{
		Code: "acme_bob", Severity: validate.Info, Title: "Bob is mentioned", Why: "Bob likes to know.", Fix: "Tell Bob.",
		Check: func(c *validate.Check) {
			if c.Row.Customer == "cus_Bob" {
				c.Report(validate.Finding{Column: "customer", Message: "this is Bob."})
			}
		},
	}
}

func options() validate.Options {
	return validate.Options{Now: now, Rules: []validate.Rule{own()}}
}

// scan renders a file the way a program does.
func scan(t *testing.T, text string, to report.Renderer) {
	t.Helper()
	r, err := validate.Scan(context.Background(), "subs.csv", strings.NewReader(text), options(), to.Add)
	require.NoError(t, err)
	require.NoError(t, to.Close(r))
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if gotest.FlagUpdate() {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// renderers are all renderers that write to a stream, by the name of their golden file.
func renderers(b *bytes.Buffer) map[string]report.Renderer {
	rules := []validate.Rule{own()}
	return map[string]report.Renderer{
		"broken.txt":        report.NewText(b, report.TextOptions{Limit: 100, Rules: rules}),
		"broken.short.txt":  report.NewText(b, report.TextOptions{Limit: 2, Rules: rules}),
		"broken.colour.txt": report.NewText(b, report.TextOptions{Limit: 1, Colour: true}),
		"broken.json":       report.NewJSON(b),
		"broken.ndjson":     report.NewNDJSON(b),
		"broken.sarif":      report.NewSARIF(b, "./data/subs 1.csv", rules),
		"broken.html":       report.NewHTML(b, rules),
	}
}

func TestRenderers(t *testing.T) {
	var b bytes.Buffer
	for name, to := range renderers(&b) {
		t.Run(name, func(t *testing.T) {
			b.Reset()
			scan(t, broken, to)
			golden(t, name, b.String())
			require.NotContains(t, b.String(), "51Habc", "no secret key")
			if name == "broken.html" {
				require.NotContains(t, b.String(), "<script>alert", "nothing of the file runs in a browser")
			}
			if name != "broken.short.txt" && name != "broken.colour.txt" {
				require.Contains(t, b.String(), "acme_bob", "rules of the user's own come out everywhere")
			}
		})
	}
}

// TestCloseIsEnough holds the two ways of use together: a report of validate.File gives what a scan gives.
func TestCloseIsEnough(t *testing.T) {
	var scanned, whole bytes.Buffer
	r, err := validate.File(context.Background(), "subs.csv", strings.NewReader(broken), options())
	require.NoError(t, err)
	for name, to := range renderers(&scanned) {
		if name == "broken.ndjson" { // writes findings as they come
			continue
		}
		scanned.Reset()
		whole.Reset()
		scan(t, broken, to)
		require.NoError(t, renderers(&whole)[name].Close(r))
		require.Equal(t, scanned.String(), whole.String(), name)
	}
}

func TestJSONIsTheContract(t *testing.T) {
	var b bytes.Buffer
	scan(t, broken, report.NewJSON(&b))
	var got struct {
		File, SHA256, Template string
		Rows, Valid, Invalid   int
		Customers              int
		FirstStart             time.Time `json:"first_start"`
		Findings               []struct {
			Code, Severity, Column, Value, Message, Fix string
			Line, Row                                   int
			ColumnNumber                                int `json:"column_number"`
		}
	}
	require.NoError(t, json.Unmarshal(b.Bytes(), &got))
	require.Equal(t, "basic", got.Template)
	require.Equal(t, 8, got.Rows)
	require.Equal(t, 1, got.Valid)
	require.Equal(t, "column_unknown", got.Findings[0].Code)
	require.Equal(t, 7, got.Findings[0].ColumnNumber)
	for i := 1; i < len(got.Findings); i++ {
		require.LessOrEqual(t, got.Findings[i-1].Line, got.Findings[i].Line, "sorted by place")
	}
}

func TestCleanFile(t *testing.T) {
	clean := "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n"
	var b bytes.Buffer
	scan(t, clean, report.NewJSON(&b))
	require.Contains(t, b.String(), `"findings": []`)
	b.Reset()
	scan(t, clean, report.NewText(&b, report.TextOptions{}))
	golden(t, "clean.txt", b.String())
}

// rows renders a file row by row.
func rows(t *testing.T, text string, visit func(*csvspec.Row, []validate.Finding) error) {
	t.Helper()
	_, err := validate.Each(context.Background(), "subs.csv", strings.NewReader(text), options(), visit)
	require.NoError(t, err)
}

func TestCSV(t *testing.T) {
	var b bytes.Buffer
	c := report.NewCSV(&b)
	rows(t, broken, c.Row)
	require.NoError(t, c.Close())
	golden(t, "broken.errors.csv", b.String())
}

// TestCSVKeepsColumns reads the file back with a reader that knows nothing of ours.
func TestCSVKeepsColumns(t *testing.T) {
	text := "customer;start_date;price;metadata.note\r\ncus_Ada;1801440000;price_Pro;\"open\r\ncus_Bob;1801440000\r\ncus_Cem;1801440000;price_Pro;say \"hi\"\r\n"
	var b bytes.Buffer
	c := report.NewCSV(&b)
	rows(t, text, c.Row)
	require.NoError(t, c.Close())
	r := newCSVReader(&b)
	r.Comma = ';'
	all, err := r.ReadAll()
	require.NoError(t, err)
	require.Len(t, all, 4)
	for _, record := range all {
		require.Len(t, record, 5)
	}
	require.Equal(t, "processing_error", all[0][4])
	require.Contains(t, all[1][4], "never closed")
	require.Contains(t, all[2][4], "2 cells")
}

func TestSplit(t *testing.T) {
	dir := t.TempDir()
	s, err := report.NewSplit(dir)
	require.NoError(t, err)
	text := strings.Replace(broken, ",cancel_at", ",metadata.end", 1)
	rows(t, text, s.Row)
	require.NoError(t, s.Close())
	ready, deferred, wrong := s.Counts()
	require.Equal(t, []int{1, 1, 6}, []int{ready, deferred, wrong})
	for _, name := range []string{report.ReadyFile, report.DeferredFile, report.ErrorsFile} {
		got, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		golden(t, "split."+name, string(got))
		info, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "customers are nobody else's business")
	}
}

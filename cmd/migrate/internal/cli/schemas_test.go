package cli

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/sandbox"
)

const (
	examplesDir = "../../../../examples"
	schemaDir   = examplesDir + "/schemas"
)

// schemas compiles the schemas in examples/schemas.
func schemas(t *testing.T) map[string]*jsonschema.Schema {
	files, err := filepath.Glob(filepath.Join(schemaDir, "*.schema.json"))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	ids := map[string]string{}
	for _, file := range files {
		f, err := os.Open(file)
		require.NoError(t, err)
		doc, err := jsonschema.UnmarshalJSON(f)
		require.NoError(t, err, file)
		require.NoError(t, f.Close())
		closedObjects(t, file, doc)
		id := doc.(map[string]any)["$id"].(string)
		require.True(t, strings.HasSuffix(id, "/"+filepath.Base(file)), "%s has the $id %s", file, id)
		require.NoError(t, c.AddResource(id, doc))
		ids[strings.TrimSuffix(filepath.Base(file), ".schema.json")] = id
	}
	all := map[string]*jsonschema.Schema{}
	for name, id := range ids {
		all[name], err = c.Compile(id)
		require.NoError(t, err, name)
	}
	return all
}

// closedObjects requires that every object with names of its own admits no others: a field that is added to the program
// and not to the schema shall be noticed.
func closedObjects(t *testing.T, file string, doc any) {
	switch node := doc.(type) {
	case map[string]any:
		if properties, ok := node["properties"].(map[string]any); ok {
			require.Equal(t, false, node["additionalProperties"], "%s: an object with %d properties is open", file, len(properties))
		}
		for _, child := range node {
			closedObjects(t, file, child)
		}
	case []any:
		for _, child := range node {
			closedObjects(t, file, child)
		}
	}
}

// output is one command whose JSON has a schema. ID in its arguments is the migration that the first command has made.
type schemaCase struct {
	schema string
	code   int
	args   []string
	file   string // the JSON is in this file and not on standard output; DIR is the test's directory
	lines  bool   // each line is a document
	source bool   // the key of a source account is set; SOURCE in its arguments is where that is
}

// schemaCases are the commands that print JSON, in the order in which they are run on one state.
func schemaCases(dir string) []schemaCase {
	const now = "2026-11-01T12:00:00Z"
	soon := filepath.Join(dir, "soon.csv")
	direct := filepath.Join(dir, "direct.csv")
	data, basic := examplesDir+"/sandbox.json", examplesDir+"/basic.csv"
	at := func(words ...string) []string { return append(words, "--now", now) }
	later := func(words ...string) []string { return append(words, "--now", "2035-02-01T12:00:00Z") }
	return []schemaCase{
		{schema: "run", args: at("run", "--sandbox", "--canary", "3", basic)},
		{schema: "status", args: []string{"status", "ID"}},
		{schema: "run", args: at("resume", "ID")},
		{schema: "run", args: at("resume", "ID")}, // finished
		{schema: "status", args: []string{"status", "ID"}},
		{schema: "status", args: []string{"status", "--watch", "ID"}, lines: true},
		{schema: "list", args: []string{"list"}},
		{schema: "report", args: []string{"report", "ID"}},
		{schema: "verify", args: at("verify", "--preview", "3", "--out", filepath.Join(dir, "proof"), "ID")},
		{schema: "verify-receipt", file: filepath.Join(dir, "proof", "ID.verified.json")},
		{schema: "error", code: ExitRefused, args: at("run", "--sandbox", basic)},
		{schema: "release", args: []string{"release", "--now", "2035-01-10T12:00:00Z", "--yes", "ID"}},
		{schema: "cancel", args: at("cancel", "ID")},
		{schema: "report", args: []string{"report", "ID"}},
		{schema: "list", args: []string{"list"}},
		{schema: "error", code: ExitRefused, args: at("resume", "ID")},
		{schema: "error", code: ExitFailure, args: []string{"status", "mig_none"}},
		{schema: "error", code: ExitUsage, args: []string{"status"}},
		{schema: "error", code: ExitInvalid, args: at("run", "--sandbox", examplesDir+"/broken.csv")},
		{schema: "run", code: ExitPartly, args: at("run", "--sandbox", "--sandbox-data", filepath.Join(dir, "account.json"), "--check-customers=false", soon)}, // deferred and refused rows
		{schema: "verify", code: ExitDifferent, args: at("verify", "DIRECT")},
		{schema: "list", args: []string{"list"}},
		{schema: "validate", args: at("validate", basic)},
		{schema: "validate", code: ExitInvalid, args: at("validate", examplesDir+"/broken.csv")},
		{schema: "validate", args: at("validate", "--sandbox-data", data, basic)},
		{schema: "validate", code: ExitInvalid, args: at("validate", "testdata/cases/spreadsheets/m17_stripeexport.csv")},
		{schema: "fix", args: []string{"fix", "testdata/cases/pandas-floats/input.csv", "--out", filepath.Join(dir, "pandas.csv")}},
		{schema: "fix", args: []string{"fix", "testdata/cases/spreadsheets/fin2.xlsx", "--out", filepath.Join(dir, "fin2.csv")}},
		{schema: "fix", args: []string{"fix", filepath.Join(dir, "pandas.csv"), "--out", filepath.Join(dir, "again.csv")}},
		{schema: "convert", args: at("convert", filepath.Join(dir, "export.csv"), "--map", filepath.Join(dir, "prices.csv"), "--out", filepath.Join(dir, "converted.csv"))},
		{schema: "error", code: ExitInvalid, args: at("convert", filepath.Join(dir, "export.csv"), "--out", filepath.Join(dir, "other.csv"))},
		{schema: "plan", args: at("plan", "--sandbox-data", data, "--out", filepath.Join(dir, "plan.json"), basic)},
		{schema: "plan-file", file: filepath.Join(dir, "plan.json")},
		{schema: "plan", args: at("plan", "--sandbox", examplesDir+"/ad-hoc.csv")},
		{schema: "plan", args: at("plan", "--sandbox", examplesDir+"/multi-item.csv")},
		{schema: "error", code: ExitInvalid, args: at("plan", "--sandbox", examplesDir+"/broken.csv")},
		{schema: "rehearse", args: at("rehearse", basic)},
		{schema: "rehearse", code: ExitDifferent, args: at("rehearse", "--sandbox", "--sandbox-data", filepath.Join(dir, "account.json"), "--check-customers=false", soon)},
		{schema: "run", args: at("run", "--sandbox", "--direct", direct)},
		{schema: "list", args: []string{"list"}},
		{schema: "status", args: []string{"status", "DIRECT"}},
		{schema: "report", args: []string{"report", "DIRECT"}},
		{schema: "release", args: at("release", "--yes", "DIRECT")},
		{schema: "cancel", args: []string{"cancel", "--now", "2027-03-11T12:00:00Z", "--individually", "DIRECT"}},
		{schema: "validate", args: at("validate", "--direct", direct)},
		{schema: "plan", args: at("plan", "--sandbox", "--direct=needed", "--out", filepath.Join(dir, "direct.json"), direct)},
		{schema: "plan-file", file: filepath.Join(dir, "direct.json")},
		{schema: "rehearse", args: at("rehearse", "--direct", direct)},
		{schema: "error", code: ExitUsage, args: at("run", "--direct=sometimes", direct)},
		{schema: "export", args: later("export", "--sandbox", "all", "--out", filepath.Join(dir, "source"))},
		{schema: "export", args: later("export", "--sandbox", "all", "--incremental", "--out", filepath.Join(dir, "source"))},
		{schema: "export-prove", args: later("export", "--sandbox", "all", "--prove", "--out", filepath.Join(dir, "source"))},
		{schema: "export-preview", args: later("export", "--sandbox", "customers", "prices", "--preview", "2")},
		{schema: "export-toolkit", args: later("export", "--sandbox", "toolkit", "--out", filepath.Join(dir, "moved.csv"))},
		{schema: "export-account", args: later("export", "--sandbox", "account", basic, "--out", filepath.Join(dir, "exported.json"))},
		{schema: "map-propose", args: []string{"map", "propose", "--source", data, "--destination", data, "--out", filepath.Join(dir, "map.csv")}},
		{schema: "map-propose", args: later("map", "propose", basic, "--sandbox", "--destination", data, "--out", filepath.Join(dir, "map2.csv"))},
		{schema: "error", code: ExitUsage, args: []string{"export", "orders", "--out", filepath.Join(dir, "orders")}},
		{schema: "run", args: at("run", "--sandbox", filepath.Join(dir, "moved-rows.csv"))},
		{schema: "who-bills", args: at("status", "--who-bills", "DIRECT")},
		{schema: "cutover", args: at("cutover", "--source-api-base", "SOURCE", "DIRECT"), source: true},
		{schema: "cutover", code: ExitPartly, args: at("cutover", "--source-api-base", "SOURCE", "--apply", "--confirm", "acct_source", "DIRECT"), source: true},
		{schema: "error", code: ExitRefused, args: at("cutover", "DIRECT")},
		{schema: "monitor", args: at("monitor", "DIRECT")},
		{schema: "monitor", args: []string{"monitor", "--watch", "--now", "2027-03-01T12:00:00Z", "DIRECT"}, lines: true},
		{schema: "usage", args: at("usage", "run", "--sandbox", filepath.Join(dir, "usage.csv"))},
		{schema: "usage", args: []string{"usage", "status", "USAGE"}},
		{schema: "usage-list", args: []string{"usage", "list"}},
		{schema: "usage", args: at("usage", "resume", "USAGE")},
		{schema: "usage-report", args: []string{"usage", "report", "USAGE"}},
		{schema: "usage-reconcile", args: at("usage", "reconcile", "USAGE")},
		{schema: "usage-retract", args: at("usage", "retract", "--identifier", "use-1", "USAGE")},
		{schema: "usage-report", args: []string{"usage", "report", "USAGE"}},
		{schema: "usage-reconcile", code: ExitDifferent, args: at("usage", "reconcile", "--events", filepath.Join(dir, "webhook.json"), "USAGE")},
		{schema: "validate", args: at("usage", "validate", filepath.Join(dir, "usage.csv"))},
		{schema: "error", code: ExitInvalid, args: at("usage", "run", "--sandbox", basic)},
		{schema: "error", code: ExitFailure, args: []string{"usage", "status", "use_none"}},
		{schema: "rules", args: []string{"rules"}},
		{schema: "rules", args: []string{"rules", "column_unknown"}},
		{schema: "version", args: []string{"version"}},
	}
}

// What the program prints as JSON is what the schemas in examples/schemas say, without a name more or less.
func TestJSONIsAsItsSchemaSays(t *testing.T) {
	t.Parallel()
	all, dir, used := schemas(t), t.TempDir(), map[string]bool{}
	for name, text := range map[string]string{
		"soon.csv": "customer,start_date,price\ncus_A,2059203600,price_A\ncus_Gone,2059203600,price_A\ncus_A,1793538000,price_A\n",
		"direct.csv": "customer,start_date,price,billing_cycle_anchor,proration_behavior\n" + // 10 November, anchored on the 20th
			"cus_D,1794301200,price_D,1795165200,none\ncus_E,1794301200,price_D,1795165200,create_prorations\ncus_F,1794301200,price_D,,\n",
		"usage.csv": "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,2026-11-01T11:00:00Z,api_calls,cus_A,1\nuse-2,2026-11-01T11:01:00Z,api_calls,cus_A,2\n",
		"webhook.json": `{"id":"evt_1","type":"v1.billing.meter.error_report_triggered","data":{"reason":{"error_count":1,"error_types":[
			{"code":"no_meter","error_count":1,"sample_errors":[{"error_message":"x","request":{"identifier":"use-2"}}]}]}}}`,
		"moved-rows.csv": "customer,start_date,price,metadata.old_Stripe_sub_id\ncus_A,1795165200,price_D,sub_old1\ncus_B,1795165200,price_D,\n",
		"prices.csv":     "kind,source,destination\nprice,price_T,price_New\n",
		"export.csv": "id,Customer ID,Plan,Quantity,Status,Start Date (UTC),Current Period End (UTC)\n" +
			"sub_1,cus_A,price_T,1,active,2024-01-01 10:00,2027-02-01 10:00\nsub_2,cus_A,price_T,1,canceled,2024-01-01 10:00,2027-02-01 10:00\n",
		"account.json": `{"customers": [{"id": "cus_A"}], "products": [{"id": "prod_A", "name": "A"}],
			"prices": [{"id": "price_A", "product": "prod_A", "currency": "usd", "unit_amount": 1000, "recurring": {"interval": "month"}}]}`,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	box, err := sandbox.Open(sandbox.Options{})
	require.NoError(t, err)
	defer box.Close()
	require.NoError(t, box.Load(strings.NewReader(`{"account": {"id": "acct_source"}}`)))
	source := httptest.NewServer(box)
	defer source.Close()
	p, id, direct, usage := newProgram(t, "XDG_STATE_HOME="+dir), "", "", ""
	for _, c := range schemaCases(dir) {
		used[c.schema] = true
		printed := ""
		if c.file != "" {
			content, err := os.ReadFile(strings.ReplaceAll(c.file, "ID", id))
			require.NoError(t, err)
			printed = string(content)
		} else {
			args := []string{}
			for _, a := range c.args {
				if a == "DIRECT" {
					a = direct
				}
				if a == "USAGE" {
					a = usage
				}
				args = append(args, strings.ReplaceAll(strings.ReplaceAll(a, "ID", id), "SOURCE", source.URL))
			}
			cmd := exec.Command("migrate", append(args, "-o", "json")...)
			cmd.Env = p.env
			if c.source {
				cmd.Env = append(slices.Clone(p.env), sourceKeyVariable+"=sk_test_source")
			}
			out, err := cmd.Output() // the exit code tells more than this error
			require.Equal(t, c.code, cmd.ProcessState.ExitCode(), "%v: %v: %s", args, err, out)
			printed = string(out)
		}
		if id == "" {
			id = migrationID(printed)
		}
		if c.schema == "run" { // the last one is that of direct subscriptions
			direct = migrationID(printed)
		}
		if at := strings.Index(printed, "use_"); c.schema == "usage" && at >= 0 {
			usage = printed[at : at+24]
		}
		documents := []string{printed}
		if c.lines {
			documents = strings.Split(strings.TrimSpace(printed), "\n")
		}
		for _, text := range documents {
			doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
			require.NoError(t, err, "%v: %s", c.args, text)
			require.NotNil(t, all[c.schema], c.schema)
			require.NoError(t, all[c.schema].Validate(doc), "%v is not as %s says", c.args, c.schema)
		}
	}
	for name := range all {
		require.True(t, used[name], "no command is compared with %s", name)
	}
}

// Every command that prints JSON has a schema.
func TestEveryJSONHasASchema(t *testing.T) {
	a := &app{env: Environment{LookupEnv: func(string) (string, bool) { return "", false }}}
	compared := map[string]bool{}
	for _, c := range schemaCases("") {
		if len(c.args) > 0 {
			compared[c.args[0]] = true
		}
	}
	for _, cmd := range a.root().Commands() {
		if f := cmd.Flags().Lookup("output"); f != nil && strings.Contains(f.Value.Type(), "json|") || f != nil && strings.HasSuffix(f.Value.Type(), "json") {
			require.True(t, compared[cmd.Name()], "migrate %s -o json is compared with no schema", cmd.Name())
		}
	}
}

package cli

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/sandbox"
)

// served serves a sandbox with the examples' account, whose ID and IDs come from the seed.
func served(t *testing.T, seed string) string {
	t.Helper()
	box, err := sandbox.Open(sandbox.Options{Seed: seed})
	require.NoError(t, err)
	t.Cleanup(func() { box.Close() })
	_, err = box.Provision(sandbox.Wanted{Customers: []string{"cus_ada"}, Prices: []sandbox.WantedPrice{{ID: "price_gold", Interval: "month"}}})
	require.NoError(t, err)
	server := httptest.NewServer(box)
	t.Cleanup(server.Close)
	return server.URL
}

// soon writes a file with one subscription that starts in ten days.
func soon(t *testing.T) string {
	t.Helper()
	var csv bytes.Buffer
	row := csvspec.Row{Customer: "cus_ada", StartDate: csvspec.At(time.Now().AddDate(0, 0, 10)), Price: "price_gold"}
	require.NoError(t, csvspec.Write(&csv, csvspec.Basic, []csvspec.Row{row}))
	path := filepath.Join(t.TempDir(), "subs.csv")
	require.NoError(t, os.WriteFile(path, csv.Bytes(), 0o600))
	return path
}

func TestAPlanIsForOneAccount(t *testing.T) {
	t.Parallel()
	file, dir := soon(t), t.TempDir()
	kept := filepath.Join(dir, "plan.json")
	key := map[string]string{keyVariable: "sk_test_123"}
	at := func(base string) []string { return []string{"--state", dir, "--api-base", base} }
	mine, other := served(t, "mine"), served(t, "other")

	stdout, said, code := runHere(t, "", key, append([]string{"plan", "-o", kept, file}, at(mine)...)...)
	require.Equal(t, ExitDone, code, said)
	require.Contains(t, stdout, "charge-at-start")
	require.Contains(t, said, "--api-base "+mine, "the next command goes to the same place")

	stdout, said, code = runHere(t, "", key, append([]string{"run", "--yes", "-o", "json", kept}, at(other)...)...)
	require.Equal(t, ExitRefused, code)
	require.Contains(t, stdout, `"plan_other_account"`)
	require.Contains(t, said, "use a key of the plan's account, or make a new plan for this one")
	require.Contains(t, said, "--out "+strings.TrimSuffix(kept, ".json")+"-2.json", "a plan of another account replaces none")

	_, said, code = runHere(t, "", key, append([]string{"run", "--yes", kept}, at(mine)...)...)
	require.Equal(t, ExitDone, code, said)
	require.Contains(t, said, "Plan of "+file+" made")
}

func TestAPlanIsForOneMode(t *testing.T) {
	t.Parallel()
	base, dir := stripeMock(t), t.TempDir()
	kept := filepath.Join(dir, "plan.json")
	place := []string{"--state", dir, "--api-base", base}
	file := "../../../../examples/ad-hoc.csv"
	_, said, code := runHere(t, "", map[string]string{keyVariable: "sk_test_123"},
		append([]string{"plan", "--amount-unit", "minor", "--check-customers=false", "-o", kept, file}, place...)...)
	require.Equal(t, ExitDone, code, said)

	stdout, said, code := runHere(t, "", map[string]string{keyVariable: "sk_live_123"},
		append([]string{"run", "--live", "--confirm", "acct_mock", "-o", "json", kept}, place...)...)
	require.Equal(t, ExitRefused, code, said)
	require.Contains(t, stdout, `"plan_other_mode"`)
	require.Contains(t, said, "the plan is for acct_mock (test mode), and the key is for acct_mock (live mode)")
}

// A plan that cannot be written leaves no half of one, and the old one where it was.
func TestAPlanIsWrittenInOneStep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, said, code := runHere(t, "", nil, "plan", "--sandbox", "--state", dir, "-o", filepath.Join(dir, "none", "plan.json"), soon(t))
	require.Equal(t, ExitFailure, code)
	require.Contains(t, said, "the plan cannot be written")
	require.NoDirExists(t, filepath.Join(dir, "none"))
}

// TestANewPlanLooksUpTheCustomersToo: with a test key and --sandbox customers are looked up when that is asked for only. The
// command that makes a refused plan anew asks for it as the plan did, because what a customer owes would be hidden otherwise;
// so does the one that shows a resumed file's warnings.
func TestANewPlanLooksUpTheCustomersToo(t *testing.T) {
	t.Parallel()
	file, dir, base := soon(t), t.TempDir(), served(t, "owing")
	kept := filepath.Join(dir, "plan.json")
	key := map[string]string{keyVariable: "sk_test_123"}
	program := func(words ...string) (string, int) {
		_, said, code := runHere(t, "", key, append(words, "--state", dir, "--api-base", base)...)
		return said, code
	}
	said, code := program("plan", "--sandbox", "--check-customers", "--out", kept, file)
	require.Equal(t, ExitDone, code, said)
	postTo(t, base, "/v1/customers/cus_ada", "balance=7000")
	said, code = program("run", "--sandbox", "--yes", kept)
	require.Equal(t, ExitRefused, code, said)
	require.Contains(t, said, "To make a new plan: migrate plan "+file+" --out "+kept+" --check-customers=true --sandbox ")
	said, code = program("plan", file, "--out", kept, "--check-customers=true", "--sandbox")
	require.Equal(t, ExitDone, code, said)
	said, code = program("run", "--sandbox", "--yes", kept)
	require.Equal(t, ExitDone, code, said)
}

// TestAResumedRunIsJudgedAsItWas: a run with --sandbox goes by start dates an hour ahead, and what shows its warnings again when
// it is resumed does so as well.
func TestAResumedRunIsJudgedAsItWas(t *testing.T) {
	t.Parallel()
	file, dir, base := filepath.Join(t.TempDir(), "subs.csv"), t.TempDir(), served(t, "resumed")
	start := time.Now().Add(5 * time.Hour).Unix()
	text := fmt.Sprintf("customer,start_date,price,backdate_start_date,proration_behavior\ncus_ada,%d,price_gold,1767225600,none\ncus_ada,%d,price_gold,1767225601,none\n", start, start+60)
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	program := func(words ...string) (string, string, int) {
		return runHere(t, "", map[string]string{keyVariable: "sk_test_123"}, append(words, "--yes", "--state", dir, "--api-base", base)...)
	}
	out, said, code := program("run", "--sandbox", "--check-customers", "--canary", "1", "-o", "json", file)
	require.Equal(t, ExitDone, code, said)
	_, said, code = program("resume", migrationID(out))
	require.Equal(t, ExitDone, code, said)
	require.Contains(t, said, "to see them: migrate validate "+file+" --limit 0 --online --check-customers=true --sandbox ")
}

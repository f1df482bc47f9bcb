package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/sandbox"
)

// TestCutoverFromPlanToUndo: two accounts on servers of their own, from the run to a source that is stopped, and back.
func TestCutoverFromPlanToUndo(t *testing.T) {
	source, destination := twoAccounts(t)
	renewal := fmt.Sprint(time.Now().AddDate(0, 0, 10).Unix())
	old := postTo(t, source, "/v1/subscriptions", "customer=cus_A", "items[0][price]=price_oldA", "billing_cycle_anchor="+renewal, "proration_behavior=none")["id"].(string)
	postTo(t, source, "/v1/invoiceitems", "customer=cus_A", "subscription="+old, "amount=700", "currency=usd")
	dir := t.TempDir()
	file, mapping := filepath.Join(dir, "subs.csv"), filepath.Join(dir, "map.csv")
	require.NoError(t, os.WriteFile(file, []byte("customer,start_date,price,quantity,metadata.old_Stripe_sub_id\ncus_A,"+renewal+",price_A,1,"+old+"\n"), 0o600))
	require.NoError(t, os.WriteFile(mapping, []byte("kind,source,destination\nprice,price_oldA,price_A\n"), 0o600))
	p := newProgram(t, keyVariable+"=sk_test_any", sourceKeyVariable+"=sk_test_source")
	out, said, code := p.output("run", "--yes", "--api-base", destination, file, "-o", "json")
	require.Equal(t, ExitDone, code, said)
	id := migrationID(out)
	both := []string{"--api-base", destination, "--source-api-base", source, id}

	cutover := func(words ...string) (string, string, int) {
		return p.output(append(append([]string{"cutover", "--map", mapping}, both...), words...)...)
	}
	bills := func(words ...string) (string, string, int) {
		return p.output(append(append([]string{"status", "--who-bills"}, both...), words...)...)
	}
	out, said, code = bills()
	require.Equal(t, ExitDone, code, said)
	require.Contains(t, out, "source      1  charged by the source account\n")
	require.Contains(t, out, "to cut over 1 of the source's")

	out, said, code = cutover()
	require.Equal(t, ExitDone, code, said)
	require.Contains(t, out, "left alone  1\n")
	require.Contains(t, out, "not_verified\n  The row was not verified, or was found different: migrate verify says how.")

	_, said, code = p.output(append([]string{"verify", "--map", mapping}, both...)...)
	require.Equal(t, ExitDone, code, said)
	other, err := sandbox.Open(sandbox.Options{Seed: "third"})
	require.NoError(t, err)
	defer other.Close()
	server := httptest.NewServer(other)
	defer server.Close()
	for _, words := range [][]string{{"status", "--who-bills"}, {"verify"}, {"cutover"}, {"cutover", "--undo"}} {
		_, said, code = p.output(append(words, "--api-base", destination, "--source-api-base", server.URL, id)...)
		require.Equal(t, ExitRefused, code, said)
		require.Contains(t, said, "where they were found before")
	}
	out, said, code = cutover()
	require.Equal(t, ExitDone, code, said)
	require.Contains(t, out, "to stop     1\n")
	require.Contains(t, out, "pending_item ii_")
	require.Contains(t, out, "7.00 USD wait for the next invoice: a last one")
	for _, row := range []string{"999", "0", "-3"} {
		for _, more := range []string{"--apply", "--undo", "--limit=0"} {
			_, said, code = cutover("--row", row, more, "--confirm", "acct_any")
			require.NotEqual(t, ExitDone, code, said)
		}
		_, said, code = cutover("--row", row)
		require.Equal(t, ExitUsage, code, said)
	}
	item := getFrom(t, source, "/v1/subscriptions/"+old)["items"].(map[string]any)["data"].([]any)[0].(map[string]any)["id"].(string)
	for quantity, refused := range map[string]bool{"3": true, "1": false} { // in this order or the other
		postTo(t, source, "/v1/subscriptions/"+old, "items[0][id]="+item, "items[0][quantity]="+quantity, "proration_behavior=none")
		changed, _, code := cutover()
		require.Equal(t, ExitDone, code)
		require.Equal(t, refused, strings.Contains(changed, "(quantity: \"3\", not \"1\")"), changed)
		postTo(t, source, "/v1/subscriptions/"+old, "items[0][id]="+item, "items[0][quantity]=1", "proration_behavior=none")
		changed, _, _ = cutover()
		require.Contains(t, changed, "to stop     1\n", "a plan takes no verification back")
	}
	_, said, _ = cutover()
	_, confirm, _ := strings.Cut(said, "To do it: ")
	require.Contains(t, confirm, "--apply --confirm acct_")
	_, confirm, _ = strings.Cut(strings.TrimSpace(confirm), "--confirm ")

	_, said, code = cutover("--apply")
	require.Equal(t, ExitRefused, code)
	require.Contains(t, said, "in scripts say --confirm "+confirm)
	_, said, code = cutover("--apply", "--confirm", "acct_other")
	require.Equal(t, ExitRefused, code)
	require.Contains(t, said, "--confirm names acct_other, but the source account is "+confirm)

	all := schemas(t)
	out, said, code = cutover("--apply", "--confirm", confirm, "-o", "json")
	require.Equal(t, ExitDone, code, said)
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
	require.NoError(t, err)
	require.NoError(t, all["cutover"].Validate(doc))
	var done struct{ Done, Refused int64 }
	require.NoError(t, json.Unmarshal([]byte(out), &done))
	require.EqualValues(t, 1, done.Done)

	out, _, code = bills("-o", "json")
	require.Equal(t, ExitDone, code)
	doc, err = jsonschema.UnmarshalJSON(strings.NewReader(out))
	require.NoError(t, err)
	require.NoError(t, all["who-bills"].Validate(doc))
	require.Contains(t, out, `"who": "destination"`)
	out, _, _ = bills("-o", "csv")
	require.Contains(t, out, ",destination,,")

	_, said, code = p.output("cancel", "--yes", "--api-base", destination, id)
	require.Equal(t, ExitRefused, code)
	require.Contains(t, said, "nobody charges those customers any more")
	require.Regexp(t, `cutover --undo .*--source-api-base URL_OF_THE_SOURCE`, said)
	require.Contains(t, said, "--source-stopped")

	postTo(t, destination, "/v1/subscription_schedules/"+schedulesOn(t, destination)[0]+"/cancel")
	out, said, code = bills()
	require.Equal(t, ExitDifferent, code)
	require.Contains(t, out, "nobody      1  charged by nobody  ALARM")
	require.Contains(t, said, "1 row would be charged by both accounts, or by none")

	out, said, code = cutover("--undo", "--apply", "--confirm", confirm)
	require.Equal(t, ExitDone, code, said)
	require.Contains(t, out, "going on    1\n")
	_, _, code = bills()
	require.Equal(t, ExitDone, code)
}

// getFrom reads an object of a served account.
func getFrom(t *testing.T, base, path string) (answer map[string]any) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, base+path, nil)
	require.NoError(t, err)
	req.SetBasicAuth("sk_test_any", "")
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	require.NoError(t, json.NewDecoder(res.Body).Decode(&answer))
	return answer
}

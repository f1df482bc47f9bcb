package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	mockdata "github.com/stripe/stripe-mock/embedded"
	"github.com/stripe/stripe-mock/server"
)

// stripeMock serves stripe-mock, which refuses every request that is not of the API it describes. It takes test keys
// only; to stand in for live mode it is shown one instead of a live key. Its account has another ID at each request, so
// the account is not its own.
func stripeMock(t *testing.T) string {
	description, err := server.LoadSpec(mockdata.OpenAPISpec, "")
	require.NoError(t, err)
	fixtures, err := server.LoadFixtures(mockdata.OpenAPIFixtures, "")
	require.NoError(t, err)
	stub, err := server.NewStubServer(fixtures, description, true, false)
	require.NoError(t, err)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "sk_live_", "sk_test_", 1))
		if r.URL.Path == "/v1/account" {
			fmt.Fprint(w, `{"id": "acct_mock", "object": "account"}`)
			return
		}
		if id, ok := strings.CutPrefix(r.URL.Path, "/v1/coupons/"); ok { // the mock's own could be redeemed until 2009 only
			fmt.Fprintf(w, `{"id": %q, "object": "coupon", "valid": true, "percent_off": 10, "duration": "repeating", "duration_in_months": 3}`, id)
			return
		}
		stub.HandleRequest(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestARunAgainstStripeMock(t *testing.T) {
	t.Parallel()
	base, dir := stripeMock(t), t.TempDir()
	key := map[string]string{keyVariable: "sk_test_123"}
	run := []string{"run", "--sandbox", "--api-base", base, "--state", dir, "--amount-unit", "minor", "../../../../examples/ad-hoc.csv"}

	_, said, code := runHere(t, "", key, run...)
	require.Equal(t, ExitRefused, code)
	require.Contains(t, said, "Stripe's test mode: no money moves, at "+base)
	require.Contains(t, said, "Start? Type yes: ")
	require.Contains(t, said, "in scripts say --yes")

	stdout, said, code := runHere(t, "yes\n", key, append(run, "-o", "json")...)
	require.Equal(t, ExitDone, code, said)
	var done outcome
	require.NoError(t, json.Unmarshal([]byte(stdout), &done))
	require.EqualValues(t, 6, done.Scheduled)
	require.Contains(t, said, "Start? Type yes: ")
}

func TestALiveRunAsksForTheAccountAndForTheUnit(t *testing.T) {
	t.Parallel()
	base, dir := stripeMock(t), t.TempDir()
	key := map[string]string{keyVariable: "sk_live_123"}
	run := []string{"run", "--live", "--check-customers=false", "--api-base", base, "--state", dir, "../../../../examples/ad-hoc.csv"}

	stdout, said, code := runHere(t, "", key, append(run, "--yes", "-o", "json")...)
	require.Equal(t, ExitRefused, code, said)
	require.Contains(t, stdout, "amount_unit_unstated")
	require.Contains(t, said, "--amount-unit minor or --amount-unit major")

	run = append(run, "--amount-unit", "minor")
	_, said, code = runHere(t, "yes\n", key, append(run, "--yes")...)
	require.Equal(t, ExitRefused, code, said)
	require.Contains(t, said, "LIVE MODE: real customers, real money")
	require.Contains(t, said, "Type the account ID (acct_mock): ")
	const account = "acct_mock"

	stdout, said, code = runHere(t, account+"\n", key, run...)
	require.Equal(t, ExitDone, code, said)
	require.Contains(t, stdout, "account     acct_mock, live mode\nscheduled   6\n")
	id := stdout[strings.Index(stdout, "mig_"):][:24]
	require.Contains(t, said, "Undo: migrate cancel "+id+" --live --api-base "+base)

	// It is undone in the same mode only.
	cancel := []string{"cancel", "--api-base", base, "--state", dir, id}
	_, said, code = runHere(t, "", map[string]string{keyVariable: "sk_test_123"}, append(cancel, "--yes")...)
	require.Equal(t, ExitRefused, code, said)
	require.Contains(t, said, "use a key of the migration's account")
	_, said, code = runHere(t, "", key, append(cancel, "--live", "--confirm", "acct_other")...)
	require.Equal(t, ExitRefused, code, said)
	require.Contains(t, said, "--confirm names acct_other, but the account is "+account)
}

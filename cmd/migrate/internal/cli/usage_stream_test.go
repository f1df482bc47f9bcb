package cli

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/sandbox"
)

// The program sends by the stream in live mode: it names the account and wants it confirmed, sends batches of 100 with a
// session's token and never with the key, and a second run sends nothing. What answers is the sandbox, which takes no live
// keys: the key is exchanged on the way, and nowhere else.
func TestTheProgramSendsByTheStream(t *testing.T) {
	const secret = "sk_live_SECRETsecret0123456789"
	box, err := sandbox.Open(sandbox.Options{Stream: true})
	require.NoError(t, err)
	defer box.Close()
	_, err = box.Provision(sandbox.Wanted{Customers: []string{"cus_0", "cus_1", "cus_2"}, Meters: []string{"calls"}})
	require.NoError(t, err)
	var mu sync.Mutex
	requests, leaked := map[string]int{}, false
	stripe := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		requests[r.Method+" "+r.URL.Path]++
		leaked = leaked || strings.HasSuffix(r.URL.Path, "/meter_event_stream") && strings.Contains(r.Header.Get("Authorization"), "SECRET")
		mu.Unlock()
		r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "sk_live_", "sk_test_", 1))
		box.ServeHTTP(w, r)
	}))
	defer stripe.Close()
	dir := t.TempDir()
	file, text := filepath.Join(dir, "usage.csv"), "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\n"
	now := box.Now().Unix()
	for i := range 250 {
		text += fmt.Sprintf("use-%d,%d,calls,cus_%d,%d\n", i, now-int64(i)*60, i%3, i)
	}
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	run := func(want int, args ...string) string {
		args = append(args, "--live", "--api-base", stripe.URL, "--state", filepath.Join(dir, "state"))
		out, said, code := runHere(t, "", map[string]string{keyVariable: secret}, args...)
		require.Equal(t, want, code, said)
		require.NotContains(t, out+said, "SECRET")
		return out + said
	}
	require.Contains(t, run(ExitRefused, "usage", "run", "--stream", file), "nobody answered")
	require.Contains(t, run(ExitRefused, "usage", "run", "--stream", "--confirm", "acct_other", file), "nothing was started")
	require.Zero(t, requests["POST /v2/billing/meter_event_stream"])

	said := run(ExitDone, "usage", "run", "--stream", "--confirm", box.Account(), file)
	require.Contains(t, said, "sent        250")
	require.Contains(t, said, "live mode")
	id := "use_" + strings.SplitN(said, "use_", 2)[1][:20]
	require.Contains(t, run(ExitDone, "usage", "run", "--stream", file), "All 250 events were sent before")
	require.Contains(t, run(ExitDone, "usage", "resume", id), "All 250 events were sent before")
	require.Contains(t, run(ExitDone, "usage", "reconcile", id), "Stripe has counted what was sent")

	_, said, code := runHere(t, "", map[string]string{keyVariable: "sk_test_SECRETsecret0123456789"}, "usage", "retract", "--all", id, "--yes", "--api-base", stripe.URL, "--state", filepath.Join(dir, "state"))
	require.Equal(t, ExitRefused, code)
	require.Contains(t, said, "was sent in live mode")

	require.Equal(t, 3, requests["POST /v2/billing/meter_event_stream"])
	require.Equal(t, 1, requests["POST /v2/billing/meter_event_session"])
	require.Zero(t, requests["POST /v1/billing/meter_events"])
	require.False(t, leaked, "the key went to the stream")
}

package cli

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/sandbox"
)

// usageCustomers is how many customers the events of the test are of.
const usageCustomers = 200

// TestKilledUsageRunsCountEveryEventOnce kills runs of usage at random moments. In the end the meter has counted, for each
// customer and hour, what the file says.
//
// A few kills belong to every test; SUBFERRY_SOAK=1 makes them 100, over a file of 100,000 rows, which takes a while.
func TestKilledUsageRunsCountEveryEventOnce(t *testing.T) {
	rows, kills, life := 1_500, 6, 1_200
	if os.Getenv("SUBFERRY_SOAK") != "" {
		rows, kills, life = 100_000, 100, 6_000
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	p := newProgram(t)
	file, want := usageFile(t, rows)
	killed := 0
	for range kills {
		cmd := p.command("usage", "run", "--sandbox", file)
		require.NoError(t, cmd.Start())
		time.Sleep(time.Duration(200+random.IntN(life)) * time.Millisecond)
		require.NoError(t, cmd.Process.Kill())
		if cmd.Wait() != nil {
			killed++
		}
	}
	out, said, code := p.output("usage", "run", "--sandbox", "-o", "json", file)
	require.Equal(t, ExitDone, code, said)
	var summary struct {
		ID         string `json:"id"`
		Sent       int    `json:"sent"`
		SentBefore int    `json:"sent_before"`
	}
	require.NoError(t, json.Unmarshal([]byte(out), &summary))
	t.Logf("%d kills, %d events sent before the last run", killed, summary.SentBefore)
	require.Equal(t, rows, summary.Sent)
	require.Equal(t, want, p.counted())
	_, said, code = p.output("usage", "reconcile", summary.ID)
	require.Equal(t, ExitDone, code, said)
}

// usageFile writes a file of n events of the last hours, and returns what each customer is to have in each.
func usageFile(t *testing.T, n int) (string, map[string]string) {
	var text strings.Builder
	text.WriteString("identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\n")
	sums, now := map[string]int{}, time.Now().Unix()
	for i := range n {
		at, customer := now-int64(i%(20*3600)), fmt.Sprintf("cus_%d", i%usageCustomers)
		fmt.Fprintf(&text, "use-%d,%d,calls,%s,%d\n", i, at, customer, i+1)
		sums[fmt.Sprintf("%s %d", customer, at-at%3600)] += i + 1
	}
	want := map[string]string{}
	for key, sum := range sums {
		want[key] = fmt.Sprint(sum)
	}
	name := filepath.Join(t.TempDir(), "usage.csv")
	require.NoError(t, os.WriteFile(name, []byte(text.String()), 0o600))
	return name, want
}

// counted returns what the embedded sandbox's meter has counted, by customer and hour.
func (p *program) counted() map[string]string {
	box, err := sandbox.Open(sandbox.Options{Dir: sandboxPath(p.state, commonSandbox)})
	require.NoError(p.t, err)
	defer box.Close()
	key, err := gateway.NewKey("sk_test_counting")
	require.NoError(p.t, err)
	api, err := gateway.New(gateway.Config{Key: key, HTTP: box.Transport()})
	require.NoError(p.t, err)
	meters, err := api.Meters(p.t.Context(), "")
	require.NoError(p.t, err)
	hour := time.Now().Unix() / 3600 * 3600
	all := map[string]string{}
	for i := range usageCustomers {
		customer := fmt.Sprintf("cus_%d", i)
		text, err := api.Read(p.t.Context(), "/v1/billing/meters/"+meters.Meters[0].ID+"/event_summaries", url.Values{
			"customer": {customer}, "start_time": {fmt.Sprint(hour - 30*3600)}, "end_time": {fmt.Sprint(hour + 3600)}, "value_grouping_window": {"hour"}, "limit": {"100"}})
		require.NoError(p.t, err)
		var page struct {
			Data []struct {
				Start int64       `json:"start_time"`
				Value json.Number `json:"aggregated_value"`
			} `json:"data"`
		}
		require.NoError(p.t, json.Unmarshal(text, &page))
		for _, one := range page.Data {
			all[fmt.Sprintf("%s %d", customer, one.Start)] = one.Value.String()
		}
	}
	return all
}

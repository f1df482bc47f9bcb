package cli

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/gateway"
)

// soakRows is how many rows a file of the soak has.
const soakRows = 60

// soakDirect of them become direct subscriptions.
const soakDirect = soakRows / 2

// TestKilledBehindABadConnection kills runs at random moments while a proxy delays and cuts their connections to a
// sandbox that is a process of its own. However it goes, every row has one schedule or one direct subscription in the end.
//
// A few kills belong to every test; SUBFERRY_SOAK=1 makes them 300, which takes some minutes.
func TestKilledBehindABadConnection(t *testing.T) {
	t.Parallel()
	kills := 4
	if os.Getenv("SUBFERRY_SOAK") != "" {
		kills = 300
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))

	account := newProgram(t)
	upstream, _ := account.serve("--sandbox-data", soakAccount(t))
	user := newProgram(t, keyVariable+"=sk_test_any")
	want := soaked{schedules: map[string]int{}, direct: map[string]int{}, begin: time.Now().Add(72 * time.Hour).Unix()}
	for round := 0; kills > 0; round++ { // a run takes longer than its life, but for the last of a round
		file := want.file(t, round)
		ended, meant := false, strconv.Itoa(soakDirect)
		for left := 1 + random.IntN(4); left > 0 && kills > 0 && !ended; left-- {
			cmd := user.command("run", "--sandbox", "--yes", "--direct", "--direct-count", meant, "--max-rate", "40", "--api-base", badLine(t, upstream, random), file)
			require.NoError(t, cmd.Start())
			time.Sleep(time.Duration(100+random.IntN(1400)) * time.Millisecond)
			require.NoError(t, cmd.Process.Kill())
			if ended = cmd.Wait() == nil; !ended { // a run that ended before it could be killed has done its work
				kills--
			}
		}
		if ended {
			continue
		}
		out, said, code := user.output("run", "--sandbox", "--yes", "--direct", "--direct-count", meant, "--api-base", upstream, "-o", "json", file)
		require.Equal(t, ExitDone, code, said)
		require.Contains(t, out, fmt.Sprintf(`"scheduled": %d`, soakRows))
		t.Logf("round %d: one schedule or direct subscription a row, %d kills to go", round, kills)
	}
	require.Equal(t, want.schedules, schedulesOf(t, gateway.Config{BaseURL: upstream}))
	require.Equal(t, want.direct, directOf(t, gateway.Config{BaseURL: upstream}))
}

// soaked is what there has to be at the end of the soak, by the ID in the old system.
type soaked struct {
	schedules, direct map[string]int
	begin             int64 // of the first row; the last one of 300 kills starts a week later
}

// file writes the file of a round, with schedules and every kind of direct subscriptions: no two rounds have a row in common.
func (s soaked) file(t *testing.T, round int) string {
	var text strings.Builder
	text.WriteString("customer,start_date,price,metadata.third_party_sub_id,billing_cycle_anchor,proration_behavior,backdate_start_date,cancel_at_period_end\n")
	for i := range soakRows {
		id, start := fmt.Sprintf("old_%d_%d", round, i), s.begin+int64(round*soakRows+i)*30
		anchor, past := start+7*86400, start-100*86400 // less than a month from now
		fmt.Fprintf(&text, "cus_%d,%d,price_A,%s,", i%soakCustomers, start, id)
		kinds := []string{fmt.Sprintf("%d,create_prorations,,", anchor), fmt.Sprintf("%d,none,%d,", anchor, past),
			fmt.Sprintf("%d,none,,true", anchor), fmt.Sprintf(",none,%d,", past)}
		if i%2 == 0 {
			text.WriteString(",,,\n")
			s.schedules[id] = 1
		} else {
			text.WriteString(kinds[i/2%len(kinds)] + "\n")
			s.direct[id] = 1
		}
	}
	name := filepath.Join(t.TempDir(), fmt.Sprintf("round-%d.csv", round))
	require.NoError(t, os.WriteFile(name, []byte(text.String()), 0o600))
	return name
}

// soakCustomers is fewer than the rows of a file, so that some customers get two schedules at a time.
const soakCustomers = 45

// soakAccount writes the account of the soak.
func soakAccount(t *testing.T) string {
	var customers []string
	for i := range soakCustomers {
		customers = append(customers, fmt.Sprintf(`{"id": "cus_%d"}`, i))
	}
	name := filepath.Join(t.TempDir(), "account.json")
	text := fmt.Sprintf(`{"customers": [%s], "products": [{"id": "prod_A", "name": "A"}],
		"prices": [{"id": "price_A", "product": "prod_A", "currency": "usd", "unit_amount": 1000, "recurring": {"interval": "month"}}]}`,
		strings.Join(customers, ","))
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	return name
}

// badLine starts a proxy whose connections are bad in one or two ways, and returns its address. Each run gets a proxy
// of its own, which keeps its troubles: toxiproxy can deadlock when they are taken away from open connections.
func badLine(t *testing.T, upstream string, random *rand.Rand) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := l.Addr().String()
	require.NoError(t, l.Close())
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(server, "bad line", address, strings.TrimPrefix(upstream, "http://"))
	require.NoError(t, proxy.Start())
	for _, i := range random.Perm(len(troubles))[:1+random.IntN(2)] {
		_, err := proxy.Toxics.AddToxicJson(strings.NewReader(fmt.Sprintf(troubles[i], 20+random.IntN(100))))
		require.NoError(t, err)
	}
	return "http://" + address
}

// troubles are what can be wrong with a line: answers that are late, requests and answers that are cut off, connections
// that are reset or that swallow what is sent.
var troubles = [...]string{
	`{"name": "late", "type": "latency", "stream": "downstream", "attributes": {"latency": %d, "jitter": 30}}`,
	`{"name": "answers cut", "type": "limit_data", "stream": "downstream", "toxicity": 0.6, "attributes": {"bytes": %d00}}`,
	`{"name": "requests cut", "type": "limit_data", "stream": "upstream", "toxicity": 0.6, "attributes": {"bytes": %d00}}`,
	`{"name": "reset", "type": "reset_peer", "stream": "downstream", "toxicity": 0.5, "attributes": {"timeout": %d}}`,
	`{"name": "slow", "type": "bandwidth", "stream": "downstream", "attributes": {"rate": %d}}`,
}

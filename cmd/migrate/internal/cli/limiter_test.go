package cli

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger/postgres/pgtest"
)

// watched is a server in front of a sandbox that sees what is sent when, and what at the same time.
type watched struct {
	*httptest.Server
	mu     sync.Mutex
	at     []time.Time
	busy   map[string]int // writes under way by customer
	twice  []string       // customers of whom there were two
	writes int
}

func watch(t *testing.T, upstream string) *watched {
	target, err := url.Parse(upstream)
	require.NoError(t, err)
	w := &watched{busy: map[string]int{}}
	proxy := httputil.NewSingleHostReverseProxy(target)
	w.Server = httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		form, _ := url.ParseQuery(string(body))
		customer := form.Get("customer")
		writes := r.Method == http.MethodPost && customer != ""
		w.mu.Lock()
		w.at = append(w.at, time.Now())
		if writes {
			w.writes++
			if w.busy[customer]++; w.busy[customer] > 1 {
				w.twice = append(w.twice, customer)
			}
		}
		w.mu.Unlock()
		if writes {
			time.Sleep(50 * time.Millisecond)
		}
		proxy.ServeHTTP(out, r)
		w.mu.Lock()
		defer w.mu.Unlock()
		if writes {
			w.busy[customer]--
		}
	}))
	t.Cleanup(w.Close)
	return w
}

// most is how many requests came within a second, at most.
func (w *watched) most() (most int) {
	for i, first := 0, 0; i < len(w.at); i++ {
		for w.at[i].Sub(w.at[first]) >= time.Second {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

// Three machines run three files with the same customers into one account, over one ledger. They share the least of the rates
// that they were given, and no customer is written to by two of them at once.
func TestMachinesShareTheAccount(t *testing.T) {
	t.Parallel()
	const all, rate = 60, 30
	upstream, _ := newProgram(t).serve("--sandbox-data", soakAccount(t))
	account := watch(t, upstream)
	address := pgtest.URL(t)
	var wg sync.WaitGroup
	for machine := range 3 {
		var text strings.Builder
		text.WriteString("customer,start_date,price,metadata.third_party_sub_id\n")
		for i := range all {
			fmt.Fprintf(&text, "cus_%d,%d,price_A,old_%d_%d\n", i%24, 2059203600+i*60, machine, i)
		}
		file := filepath.Join(t.TempDir(), fmt.Sprintf("subs%d.csv", machine))
		require.NoError(t, os.WriteFile(file, []byte(text.String()), 0o600))
		words := []string{"run", "--sandbox", "--yes", "--again", "--api-base", account.URL, "-o", "json", file}
		if machine == 0 {
			words = append(words, "--max-rate", fmt.Sprint(rate))
		}
		wg.Go(func() {
			p := newProgram(t, keyVariable+"=sk_test_any", databaseVariable+"="+address)
			out, said, code := p.output(words...)
			if code != ExitDone || !strings.Contains(out, fmt.Sprintf(`"scheduled": %d`, all)) {
				t.Error(machine, code, said, out)
			}
		})
	}
	wg.Wait()
	total := 0
	for _, n := range schedulesOf(t, gateway.Config{BaseURL: upstream}) {
		total += n
	}
	require.Equal(t, 3*all, total)
	require.Equal(t, 3*all, account.writes)
	require.Empty(t, account.twice)
	require.LessOrEqual(t, account.most(), rate*5/4)
}

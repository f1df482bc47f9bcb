package migrate_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/schedule"
)

// mixedDirect is the mixed file with rows that no schedule expresses, or not as exactly as a direct subscription.
func mixedDirect() []byte { return laterDirect(0) }

// laterDirect is the same with every date later by some days.
func laterDirect(days int) []byte {
	at := func(n int) string { return fmt.Sprint(today.AddDate(0, 0, n+days).Unix()) }
	file := mixed()
	if days != 0 {
		file = moved(days)
	}
	return append(file, strings.Join([]string{
		"cus_due," + at(10) + ",price_gold,1,," + at(25) + ",create_prorations,,,,old_11",
		"cus_due_blank," + at(10) + ",price_gold,1,," + at(25) + ",,,,,old_12",
		"cus_since," + at(10) + ",price_gold,1,,,none,,," + fmt.Sprint(today.AddDate(0, 0, -200).Unix()) + ",old_13",
	}, "\n")+"\n"...)
}

const (
	mixedDirectRows = mixedRows + 3
	directRows      = 6 // of those, the ones that become direct subscriptions
)

// directly are the options of a migration whose rows become direct subscriptions wherever that is more exact.
func directly() migrate.Options {
	o := options
	o.Direct = schedule.Exact
	return o
}

// newDirectEnv is a testEnv with the mixed file of schedules and direct subscriptions.
func newDirectEnv(t testing.TB) *testEnv {
	w := newTestEnv(t, nil)
	w.how, w.rows, w.later = directly(), mixedDirectRows, laterDirect
	w.input = bytesInput("subs.csv", mixedDirect())
	w.provision()
	return w
}

// subscriptions returns the subscriptions that a migration has made directly, or all migrations with "", by row;
// canceled ones included.
func (w *testEnv) subscriptions(migration string) map[string][]migrate.SubscriptionState {
	key, _ := gateway.NewKey("sk_test_tests")
	gw, err := gateway.New(gateway.Config{Key: key, BaseURL: "http://127.0.0.1", HTTP: w.stripe.Transport()})
	require.NoError(w.t, err)
	of := map[string]string{} // subscriptions of schedules, which may have let go of them
	made, _ := w.schedules("")
	for _, list := range made {
		for _, s := range list {
			of[s.Subscription] = s.ID
		}
	}
	byRow := map[string][]migrate.SubscriptionState{}
	for f := (migrate.SubscriptionFilter{Canceled: true}); ; {
		page, err := gw.Subscriptions(context.Background(), f)
		require.NoError(w.t, err)
		for _, s := range page.Subscriptions {
			f.After = s.ID
			tag := s.Metadata[schedule.TagKey]
			if tag != "" && strings.HasPrefix(tag, migration) && of[s.ID] == "" {
				byRow[tag] = append(byRow[tag], s)
			}
		}
		if !page.More {
			return byRow
		}
	}
}

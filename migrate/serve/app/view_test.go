package app

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/serve/store"
)

var update = flag.Bool("update", false, "write the answers that the view is tested with")

// The view of examples/stripe-app is tested with answers that this package gives: when one changes, so does its file.
func TestAnswersThatTheViewIsTestedWith(t *testing.T) {
	b := newBench(t)
	b.clock.now = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	admin := map[string]any{"stripe_roles": []any{map[string]any{"type": "builtIn", "id": "admin"}}}
	for _, m := range []store.Move{
		{ID: "mov_new", File: "april.csv", State: store.Reviewing},
		{ID: "mov_march", File: "march.csv", State: store.Scheduled, Migration: "mig_march", Review: json.RawMessage(`{"rows":1250,"ready":1248,"deferred":1,"invalid":1,
			"errors":1,"warnings":2,"codes":[{"code":"customer_unknown","severity":"error","title":"Unknown customer","count":1},
			{"code":"card_expires","severity":"warning","title":"Card expires","count":2}],"findings":[{"code":"customer_unknown","severity":"error","line":7,
			"column":"customer_id","row":6,"value":"cus_lost","message":"the customer cus_lost does not exist in the account","fix":"create it, or leave the row out"}]}`)},
	} {
		m.Account, m.Upload = "acct_9", b.moves["mine.csv"].Upload
		var err error
		b.moves[m.File], err = b.store.CreateMove(context.Background(), m)
		require.NoError(t, err)
	}
	answers := map[string]any{}
	for name, ask := range map[string]struct {
		action, file string
		roles        map[string]any
	}{
		"list": {"list", "", admin}, "listOfViewer": {"list", "", nil}, "findings": {"findings", "march.csv", admin}, "findingsNotYet": {"findings", "april.csv", admin},
		"progress": {"progress", "march.csv", admin}, "deadline": {"deadline", "march.csv", admin}, "refused": {"cancel", "march.csv", nil},
	} {
		change := map[string]any{"account_id": "acct_9"}
		if ask.roles != nil {
			change["stripe_roles"] = ask.roles["stripe_roles"]
		}
		_, answers[name] = b.ask(ask.action, ask.file, change)
	}
	_, answers["canceled"] = b.ask("cancel", "march.csv", map[string]any{"account_id": "acct_9", "stripe_roles": admin["stripe_roles"]})
	var got bytes.Buffer
	encoder := json.NewEncoder(&got)
	encoder.SetIndent("", "  ")
	require.NoError(t, encoder.Encode(answers))
	file := filepath.Join("..", "..", "..", "examples", "stripe-app", "src", "testdata", "answers.json")
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, got.Bytes(), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, strings.ReplaceAll(string(want), "\r\n", "\n"), got.String(), "run go test with -update, and the tests of the view")
}

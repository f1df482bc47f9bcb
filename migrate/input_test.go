package migrate_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/sandbox"
)

// Somebody saves the spreadsheet into the same file while it is being run: what follows is not scheduled from it.
func TestAFileThatIsWrittenDuringTheRunIsNotReadOn(t *testing.T) {
	const rows = 60_000 // more than is read at once
	path := filepath.Join(t.TempDir(), "subs.csv")
	require.NoError(t, os.WriteFile(path, many(rows), 0o600))
	w := newTestEnv(t, mixed())
	w.input = migrate.FileInput(path)
	w.provision()
	sent := 0
	w.fault = func(r *http.Request) sandbox.Fault {
		if r.Method == http.MethodPost {
			if sent++; sent == 10 {
				require.NoError(t, os.WriteFile(path, many(rows+1), 0o600))
			}
		}
		return sandbox.Fault{}
	}
	summary, err := w.process(&crash{}).run(migrate.RunOptions{})
	require.ErrorIs(t, err, migrate.ErrChanged)
	require.Equal(t, "in_progress", summary.Status)
	require.Less(t, summary.Scheduled, int64(rows))
	w.exactlyOne(summary.ID, int(summary.Scheduled))
}

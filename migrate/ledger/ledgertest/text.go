package ledgertest

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/ledger"
)

// beginsLater: that a migration was not there is not remembered.
func beginsLater(t *testing.T, l ledger.Ledger) {
	require.ErrorIs(t, l.Put(ctx, id, ledger.New, entry(1, ledger.Intended)), ledger.ErrNotFound)
	begun(t, l)
	require.NoError(t, l.Put(ctx, id, ledger.New, entry(1, ledger.Intended)))
	require.ErrorIs(t, l.PutUsage(ctx, usageID, []ledger.UsageStep{{Event: usageEvent(1, ledger.UsageIntended)}}), ledger.ErrNotFound)
	begunUsage(t, l)
	require.NoError(t, l.PutUsage(ctx, usageID, []ledger.UsageStep{{Event: usageEvent(1, ledger.UsageIntended)}}))
}

// anyText: the name of a file may be any bytes, and a message whatever a server writes.
func anyText(t *testing.T, l ledger.Ledger) {
	texts := []string{
		"", " ", "a\x00b", "\x00", "\xff\xfe", "caf\xe9.csv", `\x`, `\x41`, `\x4`, `\\x41`, `'; DROP TABLE rows; --`, "$1 ? %s", "日本語 🙂 e\u0301", "\r\n\t\"", "\ufeff",
	}
	for i, text := range texts {
		m := sample("mig_" + string(rune('a'+i)))
		m.File, m.Path, m.DeferredFile, m.Options = text, text, text, json.RawMessage(`"`+text+`"`)
		require.NoError(t, l.Begin(ctx, m))
		got, err := l.Migration(ctx, m.ID)
		require.NoError(t, err)
		require.Equal(t, m, got, "%q", text)
	}
	begun(t, l)
	begunUsage(t, l)
	var entries []ledger.Entry
	var events []ledger.UsageEvent
	for i, text := range texts {
		e := entry(int64(i), ledger.Intended)
		e.Customer, e.SourceID, e.Error = text, text, text
		require.NoError(t, l.Put(ctx, id, ledger.New, e))
		entries = append(entries, e)
		u := usageEvent(int64(i), ledger.UsageIntended)
		u.Identifier, u.Customer, u.Error = "id "+text, text, text
		require.NoError(t, l.PutUsage(ctx, usageID, []ledger.UsageStep{{Event: u}}))
		events = append(events, u)
	}
	require.Equal(t, entries, collect(t, l))
	require.Equal(t, events, usageOf(t, l))
}

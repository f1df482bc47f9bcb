package export_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/export"
)

// arrivals are events in a store: number n is evt_n.
type arrivals struct {
	n       int64
	page    int64
	failing int64 // the number at which reading fails
}

func (a arrivals) next(_ context.Context, after int64) (all []export.Arrived, err error) {
	for n := after + 1; n <= a.n && n <= after+a.page; n++ {
		if n == a.failing {
			return all, errors.New("the database went away")
		}
		all = append(all, export.Arrived{Number: n, Raw: []byte(fmt.Sprintf("{\n \"id\": \"evt_%d\", \"created\": %d,\n \"data\": {\"object\": {\"amount\": 12345678901234567890}}}", n, 1800000000-n))})
	}
	return all, nil
}

func options(dir string) export.AppendOptions {
	return export.AppendOptions{Dir: dir, Account: "acct_one", CSV: true, Now: 1800000000}
}

func lines(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// TestAppend: each event once and as it came, in the order of arrival, over as many calls as there are.
func TestAppend(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	file := filepath.Join(dir, export.AppendedFile)
	got, err := export.Append(t.Context(), options(dir), arrivals{n: 5, page: 2}.next)
	require.NoError(t, err)
	require.EqualValues(t, 5, got.Added)
	got, err = export.Append(t.Context(), options(dir), arrivals{n: 5, page: 2}.next)
	require.NoError(t, err)
	require.Zero(t, got.Added)
	got, err = export.Append(t.Context(), options(dir), arrivals{n: 8, page: 2}.next)
	require.NoError(t, err)
	require.EqualValues(t, 3, got.Added)
	require.EqualValues(t, 8, got.Objects)
	all := lines(t, file)
	require.Len(t, all, 8)
	for i, line := range all {
		require.Equal(t, fmt.Sprintf(`{"id":"evt_%d","created":%d,"data":{"object":{"amount":12345678901234567890}}}`, i+1, 1800000000-i-1), line)
	}
	f, err := os.Open(filepath.Join(dir, export.AppendedCSV))
	require.NoError(t, err)
	defer f.Close()
	table, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	require.Len(t, table, 9)
	require.Equal(t, []string{"id", "created", "data.object.amount"}, table[0])
}

// TestAppendInterrupted: wherever it ends, the next call goes on there, and nothing is written twice or half.
func TestAppendInterrupted(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, export.AppendedFile)
	_, err := export.Append(t.Context(), options(dir), arrivals{n: 9, page: 2, failing: 6}.next)
	require.ErrorContains(t, err, "went away")
	require.Len(t, lines(t, file), 4)
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteString(`{"id":"evt_5","created":1}` + "\n" + `{"id":"evt_6","cre`) // as a process does that dies before it says how far it came
	require.NoError(t, errors.Join(err, f.Close()))
	got, err := export.Append(t.Context(), options(dir), arrivals{n: 9, page: 2}.next)
	require.NoError(t, err)
	require.EqualValues(t, 9, got.Objects)
	all := lines(t, file)
	require.Len(t, all, 9)
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(all))), 9)
	require.NoError(t, os.Truncate(file, 10))
	_, err = export.Append(t.Context(), options(dir), arrivals{n: 10, page: 2}.next)
	require.ErrorContains(t, err, "is shorter than it was")
}

// TestAppendBesideAnExport: what the directory's export of events has is not written again.
func TestAppendBesideAnExport(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "events.ndjson"), []byte(`{"id":"evt_2","created":5}`+"\n"+`{"id":"evt_1","created":4}`+"\n"), 0o600))
	got, err := export.Append(t.Context(), options(dir), arrivals{n: 4, page: 10}.next)
	require.NoError(t, err)
	require.EqualValues(t, 2, got.Added)
	require.EqualValues(t, 2, got.Known)
	require.Len(t, lines(t, filepath.Join(dir, export.AppendedFile)), 2)
}

func TestAppendRefuses(t *testing.T) {
	dir := t.TempDir()
	_, err := export.Append(t.Context(), options(dir), arrivals{n: 1, page: 1}.next)
	require.NoError(t, err)
	other := options(dir)
	other.Account = "acct_other"
	_, err = export.Append(t.Context(), other, arrivals{n: 1, page: 1}.next)
	require.ErrorAs(t, err, new(*export.OtherExportError))
	live := options(dir)
	live.Livemode = true
	_, err = export.Append(t.Context(), live, arrivals{n: 1, page: 1}.next)
	require.ErrorAs(t, err, new(*export.OtherExportError))
	require.NoError(t, os.WriteFile(filepath.Join(dir, export.AppendedState), []byte(`{"format":99}`), 0o600))
	_, err = export.Append(t.Context(), options(dir), arrivals{n: 1, page: 1}.next)
	require.ErrorContains(t, err, "a newer version")
}

// TestAppendNewerKind: the newer kind of events has its time as text.
func TestAppendNewerKind(t *testing.T) {
	got, err := export.Append(t.Context(), options(t.TempDir()), func(_ context.Context, after int64) ([]export.Arrived, error) {
		if after > 0 {
			return nil, nil
		}
		return []export.Arrived{{Number: 1, Raw: []byte(`{"id": "evt_1", "object": "v2.core.event", "created": "2027-03-01T09:00:00.123Z"}`)}}, nil
	})
	require.NoError(t, err)
	require.EqualValues(t, 1, got.Objects)
}

package cli

import (
	"bytes"
	"context"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
)

// countedFile counts the bytes that are read of a file.
type countedFile struct {
	*bytes.Reader
	read *int
}

func (f countedFile) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	*f.read += n
	return n, err
}

func (f countedFile) Close() error { return nil }

// The review shows how the first amount was read, and does not read the whole file for it.
func TestTheFirstAmountIsReadAtTheBeginningOnly(t *testing.T) {
	var file bytes.Buffer
	now := time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
	require.NoError(t, csvspec.Write(&file, csvspec.AdHoc, csvspec.Sample(csvspec.AdHoc, 20_000, now)))
	read := 0
	in := migrate.Input{Name: "subs.csv", Open: func() (io.ReadSeekCloser, error) {
		return countedFile{bytes.NewReader(file.Bytes()), &read}, nil
	}}
	s := &fileSession{session: &session{app: &app{}, clock: clock{now: func() time.Time { return now }}}}
	text := s.firstAmount(context.Background(), &migrate.Review{Input: in, Options: migrate.Options{Unit: csvspec.UnitMinor}})
	require.Regexp(t, `^\d+ in line 2 is read as .* as --amount-unit minor says$`, text)
	require.Less(t, read, file.Len()/4)
}

package migrate_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
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
	summary, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.ErrorIs(t, err, migrate.ErrChanged)
	require.Equal(t, "in_progress", summary.Status)
	require.Less(t, summary.Scheduled, int64(rows))
	w.exactlyOne(summary.ID, int(summary.Scheduled))
}

// Between the review of a file and its first schedule the account is searched, which may take long. Another file in its
// place is not run; the same content, saved once more, is.
func TestAFileThatIsReplacedWhileTheAccountIsSearched(t *testing.T) {
	for name, c := range map[string]struct {
		replace func(path string) error
		want    error
	}{
		"by another one": {func(path string) error {
			if err := os.WriteFile(path+".new", many(7), 0o600); err != nil {
				return err
			}
			return os.Rename(path+".new", path)
		}, migrate.ErrChanged},
		"by more rows": {func(path string) error { return os.WriteFile(path, many(7), 0o600) }, migrate.ErrChanged},
		"by itself": {func(path string) error {
			return os.Chtimes(path, time.Time{}, time.Now().Add(time.Hour))
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "subs.csv")
			require.NoError(t, os.WriteFile(path, many(5), 0o600))
			w := newTestEnv(t, many(7))
			w.input = migrate.FileInput(path)
			searched := false
			w.fault = func(r *http.Request) sandbox.Fault {
				if !searched && strings.HasSuffix(r.URL.Path, "/subscription_schedules") {
					searched = true
					require.NoError(t, c.replace(path))
				}
				return sandbox.Fault{}
			}
			_, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
			require.True(t, searched)
			require.ErrorIs(t, err, c.want)
			if c.want != nil {
				require.Zero(t, w.total(), "nothing was created")
			} else {
				require.Equal(t, 5, w.total())
			}
		})
	}
}

// countedFile counts what is read of a file.
type countedFile struct {
	io.ReadSeekCloser
	read *int
}

func (f countedFile) Read(p []byte) (int, error) {
	n, err := f.ReadSeekCloser.Read(p)
	*f.read += n
	return n, err
}

// A review reads the file before and after it has asked the account, a run to recognise the file and to schedule its rows.
func TestAFileIsReadTwiceToReviewItAndTwiceToRunIt(t *testing.T) {
	content := many(2000)
	w, read := newTestEnv(t, content), 0
	open := w.input.Open
	w.input.Open = func() (io.ReadSeekCloser, error) {
		f, err := open()
		return countedFile{f, &read}, err
	}
	p := w.process(&crashtest.Crash{})
	review, err := p.Review(context.Background(), w.input, options)
	require.NoError(t, err)
	require.Equal(t, 2*len(content), read)
	_, err = p.Run(context.Background(), review, migrate.RunOptions{})
	require.NoError(t, err)
	require.Equal(t, 4*len(content), read)
}

// That a row charges its customer in a second currency shows when the account has told the currencies of the prices, and at
// the end of the file: the row is left out all the same.
func TestWhatOnlyTheAccountAndTheWholeFileShow(t *testing.T) {
	w := newTestEnv(t, nil)
	w.input = bytesInput("subs.csv", []byte("customer,start_date,price\ncus_1,1812000000,price_gold\n"+
		"cus_2,1812000000,price_gold\ncus_1,1812086400,price_euro\n"))
	_, err := w.stripe.Provision(sandbox.Wanted{Prices: []sandbox.WantedPrice{
		{ID: "price_gold", Currency: "usd", Interval: "month"}, {ID: "price_euro", Currency: "eur", Interval: "month"},
	}})
	require.NoError(t, err)
	w.provision()
	how := options
	how.SkipInvalid = true
	p := w.process(&crashtest.Crash{})
	review, err := p.Review(context.Background(), w.input, how)
	require.NoError(t, err)
	require.EqualValues(t, 2, review.Ready)
	require.Equal(t, 1, review.Report.Invalid)
	require.Len(t, review.Findings, 1)
	require.Equal(t, "customer_currencies", review.Findings[0].Code)
	summary, err := p.Run(context.Background(), review, migrate.RunOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 2, summary.Scheduled)
	require.Equal(t, 2, w.total())
}

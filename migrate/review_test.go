package migrate_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/validate"
)

// refusingWire is a network that must not be used.
type refusingWire struct{ t *testing.T }

func (w refusingWire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.t.Errorf("unexpected request: %s %s", r.Method, r.URL)
	return nil, http.ErrHandlerTimeout
}

func TestAFileWithErrorsIsRefusedBeforeTheFirstRequest(t *testing.T) {
	w := newTestEnv(t, bytes.ReplaceAll(mixed(), []byte("price_gold"), []byte("prod_gold")))
	p := w.processOn(refusingWire{t}, &crashtest.Crash{})
	review, err := p.Review(context.Background(), w.input, options)
	require.Nil(t, review, "a review or an error")
	var invalid *migrate.InvalidFileError
	require.ErrorAs(t, err, &invalid)
	require.Equal(t, mixedRows, invalid.Report.Invalid)
	require.Equal(t, "price_not_an_id", firstError(invalid.Findings).Code)
	require.Zero(t, invalid.Account)
}

// Customers of older accounts may have IDs that somebody chose. Only the account can tell, so it is asked first.
func TestAChosenCustomerIDIsLeftToTheAccount(t *testing.T) {
	w := newTestEnv(t, []byte("customer,start_date,price\nuser-17,1812000000,price_gold\nuser-18,1812000000,price_gold\n"))
	checking := options
	checking.CheckCustomers = true
	review, err := w.process(&crashtest.Crash{}).Review(context.Background(), w.input, checking)
	require.NoError(t, err)
	require.Equal(t, int64(2), review.Ready)

	w = newTestEnv(t, nil)
	w.input = bytesInput("subs.csv", []byte("customer,start_date,price\nuser-17,1812000000,price_gold\n"))
	_, err = w.process(&crashtest.Crash{}).Review(context.Background(), w.input, checking)
	var invalid *migrate.InvalidFileError
	require.ErrorAs(t, err, &invalid, "this account has no such customer")
	require.Equal(t, "customer_not_an_id", firstError(invalid.Findings).Code)
	_, err = w.processOn(refusingWire{t}, &crashtest.Crash{}).Review(context.Background(), w.input, options)
	require.ErrorAs(t, err, &invalid, "nobody is asked for customers")
}

// A column that Stripe's toolkit would drop in silence ends no subscription here by being dropped either.
func TestAnUnknownColumnIsNeverSkipped(t *testing.T) {
	header, rows, _ := bytes.Cut(many(3), []byte("\n"))
	csv := append(bytes.Replace(header, []byte("quantity"), []byte("cancel_at"), 1), append([]byte("\n"), rows...)...)
	w := newTestEnv(t, csv)
	skipping := options
	skipping.SkipInvalid = true
	_, err := w.processOn(refusingWire{t}, &crashtest.Crash{}).Review(context.Background(), w.input, skipping)
	var invalid *migrate.InvalidFileError
	require.ErrorAs(t, err, &invalid)
	require.Equal(t, "column_unknown", firstError(invalid.Report.Findings).Code)

	allowed := options
	allowed.AllowColumns = []string{"cancel_at"}
	_, err = w.process(&crashtest.Crash{}).Review(context.Background(), w.input, allowed)
	require.NoError(t, err, "acknowledged by name")
}

func TestSkipInvalidRunsTheOthers(t *testing.T) {
	w := newTestEnv(t, bytes.Replace(mixed(), []byte("price_gold,1"), []byte("price_gold,one"), 1))
	p, ctx, skipping := w.process(&crashtest.Crash{}), context.Background(), options
	skipping.SkipInvalid = true
	review, err := p.Review(ctx, w.input, skipping)
	require.NoError(t, err)
	require.EqualValues(t, mixedRows-1, review.Ready)
	summary, err := p.Run(ctx, review, migrate.RunOptions{})
	require.NoError(t, err)
	w.exactlyOne(summary.ID, mixedRows-1)
}

// Rows of a file may be equal to each other only at its very end: they are left out all the same.
func TestARowThatRepeatsAnotherIsLeftOut(t *testing.T) {
	csv := many(9)
	csv = append(csv, bytes.SplitAfter(csv, []byte("\n"))[1]...)
	w := newTestEnv(t, csv)
	p, ctx, skipping := w.process(&crashtest.Crash{}), context.Background(), options
	skipping.SkipInvalid = true
	review, err := p.Review(ctx, w.input, skipping)
	require.NoError(t, err)
	summary, err := p.Run(ctx, review, migrate.RunOptions{})
	require.NoError(t, err)
	w.exactlyOne(summary.ID, 9)
}

func TestCustomersAreCheckedWhenAsked(t *testing.T) {
	w := newTestEnv(t, mixed())
	checking := options
	checking.CheckCustomers = true
	_, err := w.process(&crashtest.Crash{}).Review(context.Background(), w.input, checking)
	require.NoError(t, err)

	w.input = bytesInput("subs.csv", bytes.ReplaceAll(mixed(), []byte("cus_plain"), []byte("cus_nobody")))
	_, err = w.process(&crashtest.Crash{}).Review(context.Background(), w.input, checking)
	var invalid *migrate.InvalidFileError
	require.ErrorAs(t, err, &invalid)
	require.Equal(t, "customer_unknown", firstError(invalid.Findings).Code)
}

// limited is a gateway whose account's limit is met on every other page of customers.
type limited struct {
	migrate.Gateway
	pages []string // that were asked for, by the customer before them
}

func (l *limited) Customers(ctx context.Context, after string) (migrate.CustomerPage, error) {
	if l.pages = append(l.pages, after); len(l.pages)%2 == 1 {
		return migrate.CustomerPage{}, &migrate.StripeError{Outcome: migrate.Retryable, Status: 429}
	}
	return l.Gateway.Customers(ctx, after)
}

// A limit of requests delays the look-up of many customers, however often it is met.
func TestCustomersThatWereFoundAreNotAskedForAgain(t *testing.T) {
	w := newTestEnv(t, many(300))
	checking := options
	checking.CheckCustomers = true
	l := &limited{}
	p := w.processOn(w.stripe.Transport(), &crashtest.Crash{}, func(c *migrate.Config) { l.Gateway, c.Gateway = c.Gateway, l })
	review, err := p.Review(context.Background(), w.input, checking)
	require.NoError(t, err)
	require.Len(t, review.AccountData.Customers, 100)
	require.EqualValues(t, 300, review.Ready)
	require.LessOrEqual(t, len(l.pages), 4, "each page twice, and none from the beginning again")
}

func firstError(findings []validate.Finding) validate.Finding {
	for _, f := range findings {
		if f.Severity == validate.Error {
			return f
		}
	}
	return validate.Finding{}
}

func TestALiveRunNeedsTheUnitOfItsAmounts(t *testing.T) {
	var csv bytes.Buffer
	require.NoError(t, csvspec.Write(&csv, csvspec.AdHoc, csvspec.Sample(csvspec.AdHoc, 3, today)))
	w := newTestEnv(t, csv.Bytes())
	live := func(c *migrate.Config) { c.Gateway = liveGateway{c.Gateway} }
	p, ctx, unstated := w.processOn(w.stripe.Transport(), &crashtest.Crash{}, live), context.Background(), options
	unstated.Unit = csvspec.UnitUnstated
	review, err := p.Review(ctx, w.input, unstated)
	require.NoError(t, err)
	require.Equal(t, 2, review.FirstAmount.Line)
	require.Equal(t, review.FirstAmount.Text, strconv.FormatInt(review.FirstAmount.Money.Minor, 10))
	_, err = p.Run(ctx, review, migrate.RunOptions{})
	var which *migrate.UnitUnstatedError
	require.ErrorAs(t, err, &which)

	review, err = p.Review(ctx, w.input, options)
	require.NoError(t, err)
	_, err = p.Select(ctx, review, migrate.RunOptions{})
	require.NoError(t, err, "stated, it may")
}

// liveGateway says that its account is a live one.
type liveGateway struct{ migrate.Gateway }

func (g liveGateway) Account(ctx context.Context) (migrate.Account, error) {
	a, err := g.Gateway.Account(ctx)
	a.Livemode = true
	return a, err
}

func TestReopenFindsTheFileUnlessItChanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "subs.csv")
	require.NoError(t, os.WriteFile(path, mixed(), 0o600))
	w := newTestEnv(t, mixed())
	w.input = migrate.FileInput(path)
	ctx := context.Background()
	canary, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{Canary: 2})
	require.NoError(t, err)

	p := w.process(&crashtest.Crash{})
	in, opts, err := p.Reopen(ctx, canary.ID)
	require.NoError(t, err)
	require.Equal(t, options, opts)
	review, err := p.Review(ctx, in, opts)
	require.NoError(t, err)
	choice, err := p.Select(ctx, review, migrate.RunOptions{Resume: canary.ID})
	require.NoError(t, err)
	require.Equal(t, migrate.Selection{ID: canary.ID, Continues: true}, choice)

	w.otherAccount()
	w.provision()
	elsewhere, err := w.process(&crashtest.Crash{}).Review(ctx, in, opts)
	require.NoError(t, err)
	_, err = w.process(&crashtest.Crash{}).Select(ctx, elsewhere, migrate.RunOptions{Resume: canary.ID})
	var wrong *migrate.WrongAccountError
	require.ErrorAs(t, err, &wrong)

	require.NoError(t, os.WriteFile(path, many(3), 0o600))
	_, _, err = p.Reopen(ctx, canary.ID)
	require.ErrorIs(t, err, migrate.ErrChanged)
}

var _ migrate.Gateway = (*gateway.Gateway)(nil)

// Who has only rows that are left out is not among the customers of a migration, nor of a plan.
func TestCustomersAreThoseOfReadyRows(t *testing.T) {
	at := func(days int) int64 { return today.AddDate(0, 0, days).Unix() }
	w := newTestEnv(t, fmt.Appendf(nil, "customer,start_date,price,quantity\ncus_1,%d,price_gold,1\ncus_1,%d,price_gold,1\ncus_2,%d,price_gold,-1\n"+
		"cus_1,%d,price_gold,-1\ncus_3,%d,price_gold,1\ncus_4,%d,price_gold,1\n", at(10), at(11), at(10), at(12), at(0), at(10)))
	w.how.SkipInvalid = true
	summary, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 3, summary.Rows)
	require.EqualValues(t, 2, summary.Customers, "cus_1 and cus_4")
}

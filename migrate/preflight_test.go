package migrate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
)

// counted is a wire that counts what is sent over it.
type counted struct {
	http.RoundTripper
	n atomic.Int64
}

func (c *counted) RoundTrip(r *http.Request) (*http.Response, error) {
	c.n.Add(1)
	return c.RoundTripper.RoundTrip(r)
}

// eachOfItsOwn is a file in which each row has a customer of its own.
func eachOfItsOwn(n int) []byte {
	var csv bytes.Buffer
	csv.WriteString("customer,start_date,price,coupon\n")
	for i := range n {
		fmt.Fprintf(&csv, "cus_%d,%d,price_1,TEN\n", i, today.AddDate(0, 0, 7).Unix())
	}
	return csv.Bytes()
}

// TestPreflightNeedsFewRequests: cards and subscriptions come with the pages of customers, and the estimate that was told
// before is what is used.
func TestPreflightNeedsFewRequests(t *testing.T) {
	rows := 10_000
	if os.Getenv("SUBFERRY_SOAK") != "" {
		rows = 100_000
	}
	w := newTestEnv(t, eachOfItsOwn(rows))
	wire, estimate := &counted{RoundTripper: w.stripe.Transport()}, int64(0)
	p := w.processOn(wire, &crashtest.Crash{}, func(c *migrate.Config) { c.Asks = func(n int64) { estimate = n } })
	checking := options
	checking.CheckCustomers = true
	review, err := p.Review(t.Context(), w.input, checking)
	require.NoError(t, err)
	require.EqualValues(t, rows, review.Ready)
	require.Len(t, review.AccountData.Customers, rows)
	require.False(t, review.AccountData.Customers["cus_1"].CardExpires.IsBlank(), "the card came with its customer")
	used := wire.n.Load()
	require.LessOrEqual(t, used, int64(rows/100*11/10))
	require.InDelta(t, used, estimate, float64(used)/10, "estimated %d", estimate)
	t.Logf("%d rows: %d requests, estimated %d", rows, used, estimate)
}

func TestPreflightIsInterruptedByNothing(t *testing.T) {
	w := newTestEnv(t, eachOfItsOwn(2_000))
	n := 0
	w.fault = func(r *http.Request) sandbox.Fault {
		if n++; n%3 != 0 && strings.HasPrefix(r.URL.Path, "/v1/customers") {
			return sandbox.Fault{Kind: []sandbox.FaultKind{sandbox.RateLimit, sandbox.Drop}[n%2], When: sandbox.AfterExecuting}
		}
		return sandbox.Fault{}
	}
	checking := options
	checking.CheckCustomers = true
	review, err := w.process(&crashtest.Crash{}).Review(t.Context(), w.input, checking)
	require.NoError(t, err)
	require.EqualValues(t, 2_000, review.Ready)
	require.LessOrEqual(t, n, 3*(20+3)+3, "a page that was not answered is asked for again, and no other")
}

func TestTheAccountIsTheExpectedOne(t *testing.T) {
	w := newTestEnv(t, mixed())
	named := options
	named.Account = "acct_other"
	wire := &counted{RoundTripper: w.stripe.Transport()}
	_, err := w.processOn(wire, &crashtest.Crash{}).Review(t.Context(), w.input, named)
	var other *migrate.UnexpectedAccountError
	require.ErrorAs(t, err, &other)
	require.EqualValues(t, 1, wire.n.Load(), "nothing but the account was asked")
	named.Account = w.stripe.Account()
	_, err = w.process(&crashtest.Crash{}).Review(t.Context(), w.input, named)
	require.NoError(t, err)
}

// TestPreflightFindings: what the account says of customers, cards, subscriptions and IDs reaches the findings.
func TestPreflightFindings(t *testing.T) {
	csv := fmt.Sprintf("customer,start_date,price,coupon\ncus_sub,%[1]d,price_1,\ncus_many,%[1]d,price_1,\ncus_full,%[1]d,price_1,\ncus_card,%[1]d,price_1,\ncus_plain,%[1]d,price_old,OLD\n",
		today.AddDate(0, 0, 7).Unix())
	w := newTestEnv(t, []byte("customer,start_date,price\n"))
	_, err := w.stripe.Provision(sandbox.Wanted{Customers: []string{"cus_sub", "cus_many", "cus_full", "cus_card", "cus_plain"},
		Prices: []sandbox.WantedPrice{{ID: "price_1"}, {ID: "price_2"}}})
	require.NoError(t, err)
	key, err := gateway.NewKey("sk_test_tests")
	require.NoError(t, err)
	g, err := gateway.New(gateway.Config{Key: key, BaseURL: "http://127.0.0.1", HTTP: w.stripe.Transport()})
	require.NoError(t, err)
	subscribe := func(customer, price string, times int) {
		for i := range times {
			_, err := g.CreateSubscription(t.Context(), schedule.Subscription{Customer: customer, Terms: schedule.Terms{Items: []schedule.Item{{Price: price}}}}, fmt.Sprint(customer, i))
			require.NoError(t, err)
		}
	}
	subscribe("cus_sub", "price_1", 1)
	subscribe("cus_many", "price_2", 12)
	subscribe("cus_full", "price_2", 498)
	for range 2 { // what is scheduled counts as well
		_, err := g.CreateSchedule(t.Context(), schedule.Schedule{Customer: "cus_full", StartDate: 1900000000, EndBehavior: schedule.EndRelease,
			Phase: schedule.Phase{Items: []schedule.Item{{Price: "price_2"}}, Iterations: 1}}, "")
		require.NoError(t, err)
	}
	card := post(t, w.stripe, "/v1/payment_methods", "type=card", "card[number]=4242424242424242", "card[exp_month]=2", "card[exp_year]=2027", "card[cvc]=123")
	post(t, w.stripe, "/v1/payment_methods/"+card+"/attach", "customer=cus_card")
	post(t, w.stripe, "/v1/customers/cus_card", "invoice_settings[default_payment_method]="+card)
	w.input = bytesInput("subs.csv", []byte(csv))
	checking := options
	checking.CheckCustomers, checking.SkipInvalid = true, true
	checking.SourceIDs = func(_ context.Context, missing migrate.ObjectIDs) (map[string]string, error) {
		require.Equal(t, migrate.ObjectIDs{Prices: []string{"price_old"}, Products: []string{}, Coupons: []string{"OLD"}, TaxRates: []string{}}, emptied(missing))
		return map[string]string{"price_old": "price_1", "OLD": ""}, nil
	}
	review, err := w.process(&crashtest.Crash{}).Review(t.Context(), w.input, checking)
	require.NoError(t, err)
	require.EqualValues(t, []int64{12, 500}, []int64{review.AccountData.Customers["cus_many"].Current, review.AccountData.Customers["cus_full"].Current})
	var said []string
	for _, f := range review.Findings {
		if f.Row > 0 && f.Code != "start_at_midnight" {
			said = append(said, fmt.Sprintf("%d %s %s", f.Row, f.Severity, f.Code))
		}
	}
	require.Subset(t, said, []string{"1 warning subscription_exists", "3 error customer_full", "4 warning card_expires", "5 error source_account_id"})
	require.NotContains(t, strings.Join(said, "\n"), "price_unknown")
	require.NotContains(t, strings.Join(said, "\n"), "coupon_unknown")
	require.NotContains(t, said, "2 error customer_full")

	checking.SourceIDs = func(context.Context, migrate.ObjectIDs) (map[string]string, error) { return nil, errors.New("no map") }
	_, err = w.process(&crashtest.Crash{}).Review(t.Context(), w.input, checking)
	require.ErrorContains(t, err, "no map")
}

// post changes something in the account, behind the migration's back, and returns the object's ID.
func post(t *testing.T, stripe *sandbox.Server, path string, form ...string) string {
	t.Helper()
	values := url.Values{}
	for _, one := range form {
		name, value, _ := strings.Cut(one, "=")
		values.Add(name, value)
	}
	req, err := http.NewRequest(http.MethodPost, "http://127.0.0.1"+path, strings.NewReader(values.Encode()))
	require.NoError(t, err)
	req.SetBasicAuth("sk_test_tests", "")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := stripe.Transport().RoundTrip(req)
	require.NoError(t, err)
	var answer struct{ ID string }
	require.NoError(t, json.NewDecoder(res.Body).Decode(&answer))
	require.Equal(t, http.StatusOK, res.StatusCode, path)
	return answer.ID
}

func emptied(ids migrate.ObjectIDs) migrate.ObjectIDs {
	for _, list := range []*[]string{&ids.Prices, &ids.Products, &ids.Coupons, &ids.TaxRates} {
		if *list == nil {
			*list = []string{}
		}
	}
	return ids
}

// TestRowsAndSubscriptionsTogetherAreTooMany: the limit of a customer counts both.
func TestRowsAndSubscriptionsTogetherAreTooMany(t *testing.T) {
	w := newTestEnv(t, []byte("customer,start_date,price\n"))
	_, err := w.stripe.Provision(sandbox.Wanted{Customers: []string{"cus_A"}, Prices: []sandbox.WantedPrice{{ID: "price_1"}}})
	require.NoError(t, err)
	key, _ := gateway.NewKey("sk_test_tests")
	g, err := gateway.New(gateway.Config{Key: key, BaseURL: "http://127.0.0.1", HTTP: w.stripe.Transport()})
	require.NoError(t, err)
	for i := range 495 {
		_, err := g.CreateSubscription(t.Context(), schedule.Subscription{Customer: "cus_A", Terms: schedule.Terms{Items: []schedule.Item{{Price: "price_1"}}}}, fmt.Sprint(i))
		require.NoError(t, err)
	}
	var csv bytes.Buffer
	csv.WriteString("customer,start_date,price,metadata.third_party_sub_id\n")
	for i := range 8 {
		fmt.Fprintf(&csv, "cus_A,%d,price_1,old-%d\n", today.Add(time.Duration(7*24+i)*time.Hour).Unix(), i)
	}
	m, err := migrate.New(migrate.Config{Gateway: g, Ledger: ledger.NewMemory(), Clock: w.clock, Workers: 1})
	require.NoError(t, err)
	review, err := m.Review(t.Context(), bytesInput("subs.csv", csv.Bytes()), migrate.Options{Lead: validate.LiveLead, CheckCustomers: true, SkipInvalid: true})
	require.NoError(t, err)
	require.Contains(t, fmt.Sprint(review.Findings), "8 rows in this file and 495 subscriptions in the account; at most 500 were expected")
}

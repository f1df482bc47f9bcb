package gateway_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/validate/account"
)

// objects answers GET requests with the object that its path names, counts requests and how many run at once.
type objects struct {
	byPath   map[string]string
	listed   []string // IDs of the customers in the list, newest first
	requests atomic.Int32
	lists    atomic.Int32

	mu           sync.Mutex
	running, max int
	delay        time.Duration
}

const missingJSON = `{"error": {"type": "invalid_request_error", "code": "resource_missing", "message": "No such object", "param": "id"}}`

func (o *objects) RoundTrip(req *http.Request) (*http.Response, error) {
	o.enter()
	defer o.leave()
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	if req.URL.Path == "/v1/customers" {
		o.lists.Add(1)
		return answerWith(http.StatusOK, o.list(req.URL.Query())), nil
	}
	if text, ok := o.byPath[req.URL.EscapedPath()+"?"+strings.Join(expanded(req.URL.Query()), ",")]; ok {
		return answerWith(http.StatusOK, text), nil
	}
	if text, ok := o.byPath[req.URL.EscapedPath()]; ok {
		return answerWith(http.StatusOK, text), nil
	}
	return answerWith(http.StatusNotFound, missingJSON), nil
}

// expanded returns what a request asks for besides what an object shows anyway.
func expanded(query url.Values) (fields []string) {
	for name, values := range query {
		if strings.HasPrefix(name, "expand[") {
			fields = append(fields, values...)
		}
	}
	slices.Sort(fields)
	return fields
}

func (o *objects) enter() {
	o.requests.Add(1)
	o.mu.Lock()
	o.running++
	o.max = max(o.max, o.running)
	o.mu.Unlock()
	time.Sleep(o.delay)
}

func (o *objects) leave() {
	o.mu.Lock()
	o.running--
	o.mu.Unlock()
}

// list pages as Stripe does: limit of them after starting_after.
func (o *objects) list(query url.Values) string {
	rest := o.listed
	if after := query.Get("starting_after"); after != "" {
		rest = rest[slices.Index(rest, after)+1:]
	}
	page := rest[:min(100, len(rest))]
	data := make([]string, 0, len(page))
	for _, id := range page {
		data = append(data, customerJSON(id))
	}
	return fmt.Sprintf(`{"object": "list", "has_more": %t, "data": [%s]}`, len(rest) > len(page), strings.Join(data, ","))
}

func customerJSON(id string) string {
	return fmt.Sprintf(`{"id": %q, "object": "customer", "email": "a@example.com", "invoice_settings": {"default_payment_method": "pm_1"}, "address": null}`, id)
}

func answerWith(status int, text string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Request-Id": {"req_1"}}, Body: io.NopCloser(strings.NewReader(text)),
	}
}

// TestFacts: what package validate asks of each kind of object.
func TestFacts(t *testing.T) {
	price := func(fields string) string {
		return `{"object": "price", "active": true, "currency": "usd", "billing_scheme": "per_unit", "product": "prod_1", "tax_behavior": "exclusive",` + fields + `}`
	}
	server := &objects{byPath: map[string]string{
		"/v1/prices/price_flat": price(`"id": "price_flat", "unit_amount": 1999, "unit_amount_decimal": "1999",
			"recurring": {"interval": "month", "interval_count": 3, "usage_type": "licensed"}, "transform_quantity": {"divide_by": 10, "round": "up"},
			"currency_options": {"usd": {"unit_amount": 1999, "unit_amount_decimal": "1999"}, "jpy": {"unit_amount": 2800, "unit_amount_decimal": "2800"},
				"eur": {"unit_amount": null, "unit_amount_decimal": "1799.5"}}`),
		"/v1/prices/price_free":     price(`"id": "price_free", "unit_amount": 0, "unit_amount_decimal": "0", "recurring": {"interval": "year", "interval_count": 1}`),
		"/v1/prices/price_fraction": price(`"id": "price_fraction", "unit_amount": null, "unit_amount_decimal": "0.5", "recurring": {"interval": "day", "interval_count": 1, "usage_type": "metered"}`),
		"/v1/prices/price_precise":  price(`"id": "price_precise", "unit_amount": null, "unit_amount_decimal": "0.100000000001"`),
		"/v1/prices/price_open":     price(`"id": "price_open", "unit_amount": null, "unit_amount_decimal": null, "custom_unit_amount": {"minimum": 100}`),
		"/v1/prices/price_tiered?currency_options,product,tiers": tieredPrice(`"currency_options": {
			"usd": {"unit_amount": null, "unit_amount_decimal": null, "tax_behavior": "inclusive"},
			"eur": {"unit_amount": null, "unit_amount_decimal": null, "tax_behavior": "exclusive"}}`),
		"/v1/prices/price_tiered?currency_options.eur.tiers": tieredPrice(`"currency_options": {"eur": {"tax_behavior": "exclusive", "tiers": [
			{"up_to": null, "unit_amount": 0, "unit_amount_decimal": "0", "flat_amount": 900, "flat_amount_decimal": "900"}]}}`),
		"/v1/prices/price_deleted": `{"id": "price_deleted", "object": "price", "deleted": true}`,
		"/v1/products/prod_1":      `{"id": "prod_1", "object": "product", "active": true}`,
		"/v1/products/prod_gone":   `{"id": "prod_gone", "object": "product", "deleted": true}`,
		"/v1/coupons/25%25%20off%2Fus%3F": `{"id": "25% off/us?", "object": "coupon", "valid": true, "duration": "repeating", "duration_in_months": 6,
			"percent_off": 33.33, "amount_off": null, "currency": null, "applies_to": {"products": ["prod_1"]}}`,
		"/v1/coupons/%2E%2E": `{"id": "..", "object": "coupon", "valid": false, "duration": "forever", "percent_off": null,
			"redeem_by": 1800000000, "max_redemptions": 10, "times_redeemed": 9,
			"amount_off": 500, "currency": "usd", "currency_options": {"usd": {"amount_off": 500}, "eur": {"amount_off": 450}}}`,
		"/v1/tax_rates/txr_1":      `{"id": "txr_1", "object": "tax_rate", "active": true, "inclusive": true, "percentage": 8.8755}`,
		"/v1/customers/cus_1":      customerJSON("cus_1"),
		"/v1/customers/cus_source": `{"id": "cus_source", "object": "customer", "default_source": {"id": "card_1", "object": "card"}, "invoice_settings": {"default_payment_method": null}, "shipping": {"address": {"postal_code": "10115"}}}`,
		"/v1/customers/cus_owes?discount.coupon.applies_to,discount.coupon.currency_options,invoice_settings.default_payment_method,subscriptions": `{"id": "cus_owes", "object": "customer", "currency": "eur",
			"invoice_settings": {"default_payment_method": {"id": "pm_1", "object": "payment_method", "card": {"exp_month": 12, "exp_year": 2030}}},
			"subscriptions": {"has_more": false, "data": [{"id": "sub_1", "status": "active", "metadata": {"subferry": "mig_1/7"}, "items": {"data": [{"price": {"id": "price_1"}}]}}]},
			"balance": 1200, "tax_exempt": "reverse", "discount": {"object": "discount", "start": 1700000000, "end": null, "coupon": {
				"id": "LOYAL", "object": "coupon", "duration": "once", "amount_off": 500, "currency": "usd", "valid": true,
				"currency_options": {"eur": {"amount_off": 450}}, "applies_to": {"products": ["prod_1"]}}}}`,
		"/v1/customers/cus_gone": `{"id": "cus_gone", "object": "customer", "deleted": true}`,
	}}
	g := newGateway(t, gateway.Config{HTTP: server})
	facts, err := g.AccountData(t.Context(), migrate.ObjectIDs{
		Prices:    []string{"price_flat", "price_free", "price_fraction", "price_precise", "price_open", "price_tiered", "price_deleted", "price_missing", ""},
		Products:  []string{"prod_1", "prod_gone", "prod_missing"},
		Coupons:   []string{"25% off/us?", "..", "missing"},
		TaxRates:  []string{"txr_1", "txr_missing"},
		Customers: []string{"cus_1", "cus_source", "cus_owes", "cus_gone", "cus_missing"},
	})
	require.NoError(t, err)
	require.Equal(t, account.Account{
		Prices: map[string]account.Price{
			"price_flat": {ID: "price_flat", Product: "prod_1", Active: true, Interval: "month", IntervalCount: 3, Currency: "usd",
				Amounts: map[string]account.PriceAmount{"usd": costs("1999", "exclusive"), "jpy": costs("2800", ""), "eur": costs("1799.5", "")},
				Package: account.Package{Size: 10, RoundUp: true}},
			"price_free": {ID: "price_free", Product: "prod_1", Active: true, Interval: "year", IntervalCount: 1, Currency: "usd",
				Amounts: map[string]account.PriceAmount{"usd": costs("0", "exclusive")}},
			"price_fraction": {ID: "price_fraction", Product: "prod_1", Active: true, Interval: "day", IntervalCount: 1, Currency: "usd",
				Metered: true, Amounts: map[string]account.PriceAmount{"usd": costs("0.5", "exclusive")}},
			"price_precise": {ID: "price_precise", Product: "prod_1", Active: true, Currency: "usd",
				Amounts: map[string]account.PriceAmount{"usd": costs("0.100000000001", "exclusive")}},
			"price_open": {ID: "price_open", Product: "prod_1", Active: true, Currency: "usd",
				Amounts: map[string]account.PriceAmount{"usd": {Open: true, TaxBehavior: "exclusive"}}},
			"price_tiered": {ID: "price_tiered", Product: "prod_old", Currency: "usd", Volume: true, Amounts: map[string]account.PriceAmount{
				"usd": {TaxBehavior: "inclusive", Tiers: []account.Tier{
					{UpTo: 5, Unit: decimal.RequireFromString("499.5"), Flat: decimal.RequireFromString("1000")},
					{Unit: decimal.RequireFromString("400")},
				}},
				"eur": {TaxBehavior: "exclusive", Tiers: []account.Tier{{Unit: decimal.RequireFromString("0"), Flat: decimal.RequireFromString("900")}}},
			}},
		},
		Products: map[string]account.Product{"prod_1": {ID: "prod_1", Active: true}, "prod_old": {ID: "prod_old"}},
		Coupons: map[string]account.Coupon{
			"25% off/us?": {ID: "25% off/us?", Valid: true, Duration: "repeating", DurationInMonths: 6, PercentOff: 333300, Products: []string{"prod_1"}},
			"..": {ID: "..", Duration: "forever", AmountOff: 500, Currency: "usd", AmountsOff: map[string]int64{"eur": 450},
				RedeemBy: 1800000000, MaxRedemptions: 10, TimesRedeemed: 9},
		},
		TaxRates: map[string]account.TaxRate{"txr_1": {ID: "txr_1", Active: true, Inclusive: true, Percent: 88755}},
		Customers: map[string]account.Customer{
			"cus_1":      {ID: "cus_1", HasPaymentMethod: true, HasEmail: true},
			"cus_source": {ID: "cus_source", HasPaymentMethod: true, HasTaxLocation: true},
			"cus_owes": {ID: "cus_owes", HasPaymentMethod: true, CardExpires: csvspec.Timestamp(time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC).Unix()), Current: 1,
				Subscriptions: []account.Subscription{{ID: "sub_1", Status: "active", Prices: []string{"price_1"}, Ours: true}}, Currency: "eur", Balance: 1200, TaxExempt: "reverse", Discount: &account.Discount{
					Start: 1700000000, Coupon: account.Coupon{ID: "LOYAL", Valid: true, Duration: "once", AmountOff: 500, Currency: "usd",
						AmountsOff: map[string]int64{"eur": 450}, Products: []string{"prod_1"}},
				}},
		},
	}, facts)
}

// tieredPrice is a price by volume of an archived product; tiers of further currencies come only when they are asked for.
func tieredPrice(options string) string {
	return `{"id": "price_tiered", "object": "price", "billing_scheme": "tiered", "tiers_mode": "volume", "currency": "usd", "tax_behavior": "inclusive",
		"product": {"id": "prod_old", "object": "product", "active": false}, "unit_amount": null, "unit_amount_decimal": null, "tiers": [
			{"up_to": 5, "unit_amount": null, "unit_amount_decimal": "499.5", "flat_amount": 1000, "flat_amount_decimal": "1000"},
			{"up_to": null, "unit_amount": 400, "unit_amount_decimal": "400", "flat_amount": null, "flat_amount_decimal": null}], ` + options + `}`
}

// TestTieredPriceWithoutTiers: amounts that did not come are never taken for 0.
func TestTieredPriceWithoutTiers(t *testing.T) {
	server := &objects{byPath: map[string]string{
		"/v1/prices/price_1": `{"id": "price_1", "object": "price", "billing_scheme": "tiered", "currency": "usd", "unit_amount": null, "unit_amount_decimal": null}`,
	}}
	_, err := newGateway(t, gateway.Config{HTTP: server}).AccountData(t.Context(), migrate.ObjectIDs{Prices: []string{"price_1"}})
	require.ErrorContains(t, err, "price price_1: Stripe's answer lacks what it costs in usd")
}

// costs is an amount per unit, in minor units.
func costs(unit, taxBehavior string) account.PriceAmount {
	return account.PriceAmount{Unit: decimal.RequireFromString(unit), TaxBehavior: taxBehavior}
}

// TestFactsNotAskedFor: a kind that no row names was not looked up, which is not the same as empty.
func TestFactsNotAskedFor(t *testing.T) {
	server := &objects{}
	facts, err := newGateway(t, gateway.Config{HTTP: server}).AccountData(t.Context(), migrate.ObjectIDs{Coupons: []string{"none"}})
	require.NoError(t, err)
	require.Nil(t, facts.Prices)
	require.Nil(t, facts.Customers)
	require.NotNil(t, facts.Coupons)
	require.Empty(t, facts.Coupons)
	require.EqualValues(t, 1, server.requests.Load())
}

// TestFactsRunThreeAtATime: no more, and no fewer when there is enough to do.
func TestFactsRunThreeAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &objects{delay: time.Second}
		ids := migrate.ObjectIDs{Prices: numbered("price_", 30), Coupons: numbered("coupon_", 20)}
		start := time.Now()
		_, err := newGateway(t, gateway.Config{HTTP: server}).AccountData(t.Context(), ids)
		require.NoError(t, err)
		require.Equal(t, 3, server.max)
		require.EqualValues(t, 50, server.requests.Load())
		require.Equal(t, 17*time.Second, time.Since(start), "50 requests of one second, three at a time")
	})
}

func numbered(prefix string, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("%s%06d", prefix, i)
	}
	return ids
}

// TestFactsReturnErrorsWithWhatWasFound: so that a caller can ask for the rest later.
func TestFactsReturnErrorsWithWhatWasFound(t *testing.T) {
	var requests atomic.Int32
	limited := roundTripper(func(req *http.Request) (*http.Response, error) {
		if requests.Add(1) > 3 {
			return answerWith(http.StatusTooManyRequests, `{"error": {"code": "rate_limit", "message": "slow down"}}`), nil
		}
		return answerWith(http.StatusOK, fmt.Sprintf(`{"id": %q, "object": "product"}`, req.URL.Path[len("/v1/products/"):])), nil
	})
	facts, err := newGateway(t, gateway.Config{HTTP: limited}).AccountData(t.Context(), migrate.ObjectIDs{Products: numbered("prod_", 1000)})
	var failed *migrate.StripeError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, migrate.Retryable, failed.Outcome)
	require.Len(t, facts.Products, 3)
	require.Less(t, requests.Load(), int32(30), "the first error ends the lookup")
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// TestFactsDoNotTakeEvery404ForAMissingObject: a wrong base URL answers 404 too.
func TestFactsDoNotTakeEvery404ForAMissingObject(t *testing.T) {
	for _, body := range []string{"<html>not found</html>", `{"error": {"message": "Unrecognized request URL", "type": "invalid_request_error"}}`} {
		g := newGateway(t, gateway.Config{HTTP: roundTripper(func(*http.Request) (*http.Response, error) {
			return answerWith(http.StatusNotFound, body), nil
		})})
		_, err := g.AccountData(t.Context(), migrate.ObjectIDs{Prices: []string{"price_1"}})
		var failed *migrate.StripeError
		require.ErrorAs(t, err, &failed)
		require.Equal(t, 404, failed.Status)
	}
}

func TestFactsEndWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := newGateway(t, gateway.Config{HTTP: &objects{}}).AccountData(ctx, migrate.ObjectIDs{Prices: numbered("price_", 20), Customers: numbered("cus_", 30)})
	require.ErrorIs(t, err, context.Canceled)
}

// TestCustomersCostFewRequests: the list is walked when that is cheaper, and left when it turns out not to be.
func TestCustomersCostFewRequests(t *testing.T) {
	for name, tc := range map[string]struct {
		account  int // customers of the account
		asked    int // of which these are named by the file, the oldest ones, at the end of the list
		missing  int // and these, which the account lacks
		key      string
		requests int
	}{
		"few are asked one by one":                    {account: 5000, asked: 20, requests: 20},
		"all of a large account":                      {account: 5000, asked: 5000, requests: 50},
		"all of a very large account":                 {account: 30_000, asked: 30_000, requests: 300},
		"the list ends early":                         {account: 5000, asked: 40, requests: 2 * 40},
		"a small account":                             {account: 300, asked: 60, requests: 3},
		"many missing, live":                          {account: 300, asked: 60, missing: 1000, key: "sk_live_1", requests: 3},
		"few missing, live":                           {account: 300, asked: 60, missing: 3, key: "sk_live_1", requests: 3},
		"few missing, test: they may be of a clock":   {account: 300, asked: 60, missing: 3, requests: 3 + 1 + 3},
		"many missing, test: they are not of a clock": {account: 300, asked: 60, missing: 1000, requests: 3},
	} {
		t.Run(name, func(t *testing.T) {
			server := &objects{listed: numbered("cus_", tc.account), byPath: map[string]string{
				"/v1/test_helpers/test_clocks": `{"object": "list", "has_more": false, "data": [{"id": "clock_1"}]}`,
			}}
			asked := server.listed[tc.account-tc.asked:]
			for _, id := range asked {
				server.byPath["/v1/customers/"+id] = customerJSON(id)
			}
			cfg := gateway.Config{HTTP: server}
			if tc.key != "" {
				cfg.Key, _ = gateway.NewKey(tc.key)
			}
			synctest.Test(t, func(t *testing.T) { // waiting for the pace takes no time
				m, err := migrate.New(migrate.Config{Gateway: newGateway(t, cfg), Ledger: ledger.NewMemory(), Workers: 1})
				require.NoError(t, err)
				facts, err := m.LookUp(t.Context(), migrate.ObjectIDs{Customers: slices.Concat(numbered("cus_missing_", tc.missing), asked)})
				require.NoError(t, err)
				require.Len(t, facts.Customers, tc.asked)
				require.EqualValues(t, tc.requests, server.requests.Load())
			})
		})
	}
}

// TestAKeyThatMayNotSeeCards: a restricted key still tells what it told before there was more to ask for.
func TestAKeyThatMayNotSeeCards(t *testing.T) {
	asked := 0
	g := newGateway(t, gateway.Config{HTTP: transport(func(req *http.Request) (*http.Response, error) {
		asked++
		if slices.Contains(expanded(req.URL.Query()), "data.subscriptions") || slices.Contains(expanded(req.URL.Query()), "subscriptions") {
			return answerWith(http.StatusForbidden, `{"error": {"type": "invalid_request_error", "message": "The provided key does not have the required permissions"}}`), nil
		}
		if req.URL.Path == "/v1/customers" {
			return answerWith(http.StatusOK, `{"object": "list", "has_more": false, "data": [`+customerJSON("cus_1")+`]}`), nil
		}
		return answerWith(http.StatusOK, customerJSON("cus_1")), nil
	})})
	page, err := g.Customers(t.Context(), "")
	require.NoError(t, err)
	require.True(t, page.Customers[0].HasPaymentMethod)
	found, err := g.AccountData(t.Context(), migrate.ObjectIDs{Customers: []string{"cus_1"}})
	require.NoError(t, err)
	require.True(t, found.Customers["cus_1"].HasEmail)
	require.Equal(t, 4, asked)
}

// transport answers requests with a function.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// TestCustomerKeepsNothingOfThePerson: facts are numbers and flags.
func TestCustomerKeepsNothingOfThePerson(t *testing.T) {
	server := &objects{byPath: map[string]string{"/v1/customers/cus_1": customerJSON("cus_1")}}
	facts, err := newGateway(t, gateway.Config{HTTP: server}).AccountData(t.Context(), migrate.ObjectIDs{Customers: []string{"cus_1"}})
	require.NoError(t, err)
	text, err := json.Marshal(facts)
	require.NoError(t, err)
	require.NotContains(t, string(text), "example.com")
}

// TestPercentagesAreNeverRounded: what Stripe does not document is not known.
func TestPercentagesAreNeverRounded(t *testing.T) {
	for text, want := range map[string]account.Percent{
		"19": 190000, "33.33": 333300, "0.0001": 1, "8.875": 88750, "100": account.Hundred, "33.333333": account.UnknownPercent,
	} {
		server := &objects{byPath: map[string]string{
			"/v1/tax_rates/txr_1": fmt.Sprintf(`{"id": "txr_1", "object": "tax_rate", "percentage": %s}`, text),
		}}
		facts, err := newGateway(t, gateway.Config{HTTP: server}).AccountData(t.Context(), migrate.ObjectIDs{TaxRates: []string{"txr_1"}})
		require.NoError(t, err)
		require.Equal(t, want, facts.TaxRates["txr_1"].Percent, text)
	}
}

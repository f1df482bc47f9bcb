package export_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/export"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/pace"
	"github.com/subferry/subferry/migrate/sandbox"
)

// reads returns an exporter of what a sandbox has, through the gateway.
func reads(t testing.TB, box *sandbox.Server) *export.Exporter {
	key, err := gateway.NewKey("rk_test_any")
	require.NoError(t, err)
	api, err := gateway.New(gateway.Config{Key: key, HTTP: box.Transport()})
	require.NoError(t, err)
	return export.New(export.Config{Source: api, Clock: migrate.SystemClock{}, Pacer: pace.NewFrom(migrate.SystemClock{}, 1000, 0), APIVersion: gateway.APIVersion})
}

func ask(t testing.TB, box *sandbox.Server, method, path string, form url.Values) map[string]any {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Authorization", "Bearer sk_test_any")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	box.ServeHTTP(w, r)
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	var answer map[string]any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer))
	return answer
}

// rich is an account with everything that an account file can hold, with personal data.
const rich = `{"account": {"id": "acct_rich"}, "tax_settings": {"defaults": {"tax_behavior": "exclusive"}},
 "customers": [
  {"id": "cus_A", "email": "ada@lovelace.example", "name": "Ada Lovelace", "phone": "+44 20", "balance": -500, "currency": "eur", "tax_exempt": "reverse",
   "address": {"country": "GB", "postal_code": "W1", "line1": "12 St James's Square", "city": "London"}, "metadata": {"born": "1815"},
   "discount": {"coupon": "VIP", "start": 1772355600, "end": null}, "invoice_settings": {"default_payment_method": "pm_ada"}},
  {"id": "cus_B"}, {"id": "cus_Other", "email": "not@asked.example"}],
 "products": [{"id": "prod_A", "name": "Gold", "active": false}, {"id": "prod_B", "name": "Silver"}, {"id": "prod_C", "name": "Setup"}],
 "prices": [
  {"id": "price_A", "product": "prod_A", "currency": "usd", "unit_amount": 1999, "recurring": {"interval": "month"}, "lookup_key": "gold",
   "currency_options": {"eur": {"unit_amount": 1799, "tax_behavior": "inclusive"}}},
  {"id": "price_T", "product": "prod_B", "currency": "usd", "billing_scheme": "tiered", "tiers_mode": "graduated", "recurring": {"interval": "year", "usage_type": "metered"},
   "tiers": [{"up_to": 10, "unit_amount_decimal": "0.5"}, {"up_to": null, "flat_amount": 300, "unit_amount": 2}]},
  {"id": "price_Other", "product": "prod_B", "currency": "usd", "unit_amount": 1, "recurring": {"interval": "month"}}],
 "coupons": [{"id": "VIP", "percent_off": 12.5, "duration": "forever", "applies_to": {"products": ["prod_A"]}},
  {"id": "5OFF", "amount_off": 500, "currency": "usd", "duration": "repeating", "duration_in_months": 3, "currency_options": {"eur": {"amount_off": 450}}, "max_redemptions": 7, "times_redeemed": 2}],
 "tax_rates": [{"id": "txr_1", "percentage": 8.875, "inclusive": false, "display_name": "Sales tax"}]}`

const named = "customer,start_date,price,items.0.price,add_invoice_items.0.product,add_invoice_items.0.amount,add_invoice_items.0.currency,coupon,default_tax_rate\n" +
	"cus_A,2059203600,price_A,,,,,,\ncus_B,2059203600,,price_T,prod_C,100,usd,5OFF,txr_1\ncus_Gone,2059203600,price_Gone,,,,,,\n"

// The account file of an account is one that the sandbox reads, and says what the account says, but for personal data.
func TestAccountFileIsWhatTheSandboxReads(t *testing.T) {
	for personal, words := range map[export.Personal]bool{export.LeftOut: false, export.Included: true} {
		box, err := sandbox.Open(sandbox.Options{})
		require.NoError(t, err)
		defer box.Close()
		require.NoError(t, box.Load(strings.NewReader(rich)))
		var names export.Names
		require.NoError(t, names.ReadNames(strings.NewReader(named), ""))
		file, err := reads(t, box).ReadAccount(t.Context(), names, personal)
		require.NoError(t, err)
		require.Equal(t, []string{"price price_Gone", "customer cus_Gone"}, file.Missing)
		var text bytes.Buffer
		require.NoError(t, file.Write(&text))
		for _, word := range []string{"Lovelace", "ada@", "+44", "Square", "W1", "1815"} {
			require.Equal(t, words, strings.Contains(text.String(), word), word)
		}
		require.NotContains(t, text.String(), "Other")

		other, err := sandbox.Open(sandbox.Options{})
		require.NoError(t, err)
		defer other.Close()
		require.NoError(t, other.Load(&text))
		require.Equal(t, "acct_rich", other.Account())
		for _, path := range []string{"prices/price_A?expand[]=currency_options", "prices/price_T?expand[]=tiers", "coupons/VIP?expand[]=applies_to", "coupons/5OFF?expand[]=currency_options", "tax_rates/txr_1", "products/prod_A", "products/prod_C"} {
			require.Equal(t, without(ask(t, box, "GET", "/v1/"+path, nil)), without(ask(t, other, "GET", "/v1/"+path, nil)), path)
		}
		a := ask(t, other, "GET", "/v1/customers/cus_A", nil)
		require.Equal(t, []any{-500.0, "eur", "reverse"}, []any{a["balance"], a["currency"], a["tax_exempt"]})
		require.Equal(t, "VIP", a["discount"].(map[string]any)["coupon"].(map[string]any)["id"])
		require.Equal(t, "pm_ada", a["invoice_settings"].(map[string]any)["default_payment_method"])
		require.Equal(t, "GB", a["address"].(map[string]any)["country"])
		require.NotEmpty(t, a["email"])
		b := ask(t, other, "GET", "/v1/customers/cus_B", nil)
		require.Nil(t, b["email"])
		require.Nil(t, b["address"])
	}
}

// without leaves out what the account file does not carry.
func without(o map[string]any) map[string]any {
	delete(o, "metadata")
	delete(o, "updated")
	return o
}

// From many customers the list is walked, as long as that takes fewer requests.
func TestAccountFileOfManyCustomers(t *testing.T) {
	s := newServer()
	var names export.Names
	names.Customers = map[string]bool{}
	for i, o := range spread("cus", 2_000, year) {
		s.Put(customers, o)
		if i >= 1_000 || i < 5 {
			names.Customers[o.ID] = true
		}
	}
	file, err := fast(s).ReadAccount(t.Context(), names, export.LeftOut)
	require.NoError(t, err)
	require.Len(t, file.Customers, 1_005)
	require.Empty(t, file.Missing)
	requests, _ := s.Requests()
	require.Less(t, requests, int64(40))
}

// What the sandbox's lists have, whatever their order in time, is exported: its objects may be older than its account.
func TestExportOfASandbox(t *testing.T) {
	box, err := sandbox.Open(sandbox.Options{})
	require.NoError(t, err)
	defer box.Close()
	var list []string
	for i := range 2_500 {
		list = append(list, fmt.Sprintf(`{"id": "cus_%d", "created": %d, "invoice_settings": {"default_payment_method": "pm_%d"}}`, i, 1_600_000_000+(i*7919)%100_000*1000, i))
	}
	require.NoError(t, box.Load(strings.NewReader(`{"customers": [`+strings.Join(list, ",")+`], "products": [{"id": "prod_A", "name": "A"}],
		"prices": [{"id": "price_A", "product": "prod_A", "currency": "usd", "unit_amount": 1000, "recurring": {"interval": "month"}}]}`)))
	for i := range 30 {
		form := url.Values{"customer": {fmt.Sprint("cus_", i)}}
		for j := range 1 + i%18 {
			form.Set(fmt.Sprintf("items[%d][price_data][product]", j), "prod_A")
			form.Set(fmt.Sprintf("items[%d][price_data][currency]", j), "usd")
			form.Set(fmt.Sprintf("items[%d][price_data][unit_amount]", j), fmt.Sprint(100+j))
			form.Set(fmt.Sprintf("items[%d][price_data][recurring][interval]", j), "month")
		}
		s := ask(t, box, "POST", "/v1/subscriptions", form)
		if i%3 == 0 {
			ask(t, box, "DELETE", "/v1/subscriptions/"+s["id"].(string), nil)
		}
	}
	dir := t.TempDir()
	x := reads(t, box)
	m, err := x.Run(t.Context(), export.Options{Dir: dir, Kinds: kinds(t, "customers", "subscriptions", "invoices", "prices", "events")})
	require.NoError(t, err)
	for kind, n := range map[string]int{"customers": 2_500, "subscriptions": 30, "invoices": 30} {
		require.Equal(t, n, m.Result(kind).Objects, kind)
		seen := map[string]bool{}
		for _, id := range idsOf(t, filepath.Join(dir, kind+".ndjson")) {
			require.False(t, seen[id], id)
			seen[id] = true
		}
		require.Len(t, seen, n)
	}
	text, err := os.ReadFile(filepath.Join(dir, "subscriptions.ndjson"))
	require.NoError(t, err)
	require.Equal(t, 10, strings.Count(string(text), `"status":"canceled"`))
	proofs, err := x.Prove(t.Context(), dir, kinds(t, "customers", "subscriptions", "invoices"))
	require.NoError(t, err)
	for _, p := range proofs {
		require.True(t, p.OK(), "%+v", p)
	}
	ask(t, box, "POST", "/v1/customers/cus_7", url.Values{"description": {"changed"}})
	ask(t, box, "DELETE", "/v1/customers/cus_2000", nil)
	ask(t, box, "POST", "/v1/customers", url.Values{"description": {"new"}})
	m, err = x.Run(t.Context(), export.Options{Dir: dir, Kinds: kinds(t, "customers"), Incremental: true})
	require.NoError(t, err)
	require.Equal(t, 2_500, m.Result("customers").Objects)
	require.Equal(t, 1, m.Result("customers").Deleted)
	text, err = os.ReadFile(filepath.Join(dir, "customers.ndjson"))
	require.NoError(t, err)
	require.Contains(t, string(text), `"description":"changed"`)
	proofs, err = x.Prove(t.Context(), dir, kinds(t, "customers"))
	require.NoError(t, err)
	require.True(t, proofs[0].OK(), "%+v", proofs)
}

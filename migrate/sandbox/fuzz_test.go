package sandbox

import (
	"net/http"
	"strings"
	"testing"
)

// FuzzRequest sends any body to any endpoint: the sandbox answers what it makes of it, and never fails itself.
func FuzzRequest(f *testing.F) {
	f.Add("POST", "/v1/subscription_schedules", encode(schedule()))
	f.Add("POST", "/v1/subscription_schedules", encode(schedule("start_date=now", "phases[0][trial]=true", "expand[]=subscription.customer")))
	f.Add("POST", "/v1/subscriptions", "customer=cus_1&items[0][price]=price_1&billing_cycle_anchor=1775000000")
	f.Add("POST", "/v1/prices", "currency=usd&product=prod_1&billing_scheme=tiered&tiers_mode=volume&tiers[0][up_to]=inf&tiers[0][unit_amount]=5")
	f.Add("POST", "/v1/customers", "payment_method=pm_card_visa&metadata[a]=b&address[city]=x")
	f.Add("GET", "/v1/invoices/upcoming", "customer=cus_1")
	f.Add("GET", "/v1/subscription_schedules", "created[gte]=1&limit=3&starting_after=x")
	f.Add("POST", "/v1/coupons", "percent_off=12.5&duration=repeating&duration_in_months=3")
	f.Fuzz(func(t *testing.T, method, path, body string) {
		b := open4test(t, Options{}).stock()
		b.check = nil
		target := "http://sandbox/v1/account"
		if method != http.MethodPost {
			method = http.MethodGet
		}
		r, err := http.NewRequest(method, target, strings.NewReader(body))
		if err != nil {
			t.Skip(err)
		}
		r.URL.Path = path
		r.Header.Set("Authorization", "Bearer sk_test_123")
		if method == http.MethodGet {
			r.URL.RawQuery, r.Body = body, nil
		}
		if got := b.send(r); got.status >= 500 {
			t.Errorf("%s %s %s: %s", method, path, body, got.raw)
		}
		b.advance("2027-06-01")
	})
}

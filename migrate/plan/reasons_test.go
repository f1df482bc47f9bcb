package plan_test

import (
	"bytes"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/plan"
	"github.com/subferry/subferry/validate/account"
)

// variedFacts is an account in which every kind of fact counts for some row of variedFile.
func variedFacts() *account.Account {
	tiers := func(first int64) account.PriceAmount {
		return account.PriceAmount{TaxBehavior: "exclusive", Tiers: []account.Tier{
			{UpTo: 5, Unit: decimal.NewFromInt(first), Flat: decimal.NewFromInt(1000)}, {Unit: decimal.NewFromInt(400)},
		}}
	}
	monthly := func(id string, amounts map[string]account.PriceAmount) account.Price {
		return account.Price{ID: id, Product: "prod_app", Active: true, Interval: "month", IntervalCount: 1, Currency: "usd", Amounts: amounts}
	}
	packed := monthly("price_packed", account.Fixed("usd", 1000, "exclusive"))
	packed.Package = account.Package{Size: 2}
	return &account.Account{
		ID: "acct_1",
		Prices: map[string]account.Price{
			"price_plain":  monthly("price_plain", account.Fixed("usd", 1999, "exclusive")),
			"price_tiered": monthly("price_tiered", map[string]account.PriceAmount{"usd": tiers(500)}),
			"price_packed": packed,
		},
		Coupons: map[string]account.Coupon{
			"ten":  {ID: "ten", Valid: true, Duration: "forever", PercentOff: 10_0000},
			"five": {ID: "five", Valid: true, Duration: "repeating", DurationInMonths: 2, AmountOff: 500, Currency: "usd"},
		},
		TaxRates: map[string]account.TaxRate{"txr_1": {ID: "txr_1", Active: true, Percent: 8_8750}},
		Customers: map[string]account.Customer{
			"cus_1": {ID: "cus_1", HasPaymentMethod: true}, "cus_2": {ID: "cus_2", HasPaymentMethod: true}, "cus_3": {ID: "cus_3", HasPaymentMethod: true},
		},
	}
}

// variedFile uses everything in variedFacts; the third row's customer has no coupon of the row's.
const variedFile = "customer,start_date,price,quantity,coupon,default_tax_rate\n" +
	"cus_1,1907280000,price_plain,1,ten,txr_1\n" +
	"cus_2,1907280000,price_tiered,7,five,txr_1\n" +
	"cus_3,1907280000,price_packed,3,,txr_1\n"

// Whatever changes in an account so that other amounts are charged, the refusal of the plan names it.
func TestEveryChangedFactIsNamed(t *testing.T) {
	base, err := plan.Make(t.Context(), reviewed([]byte(variedFile), variedFacts()), config, nil)
	require.NoError(t, err)
	require.EqualValues(t, 3, base.Rows.Planned)
	price := func(id string, change func(*account.Price)) func(*account.Account) {
		return func(a *account.Account) { p := a.Prices[id]; change(&p); a.Prices[id] = p }
	}
	coupon := func(id string, change func(*account.Coupon)) func(*account.Account) {
		return func(a *account.Account) { c := a.Coupons[id]; change(&c); a.Coupons[id] = c }
	}
	customer := func(change func(*account.Customer)) func(*account.Account) {
		return func(a *account.Account) { c := a.Customers["cus_3"]; change(&c); a.Customers["cus_3"] = c }
	}
	tier := func(change func(*account.Tier)) func(*account.Account) {
		return price("price_tiered", func(p *account.Price) { change(&p.Amounts["usd"].Tiers[0]) })
	}
	for name, c := range map[string]struct {
		object string
		change func(*account.Account)
	}{
		"amount": {"price price_plain", price("price_plain", func(p *account.Price) { p.Amounts = account.Fixed("usd", 2000, "exclusive") })},
		"fraction of an amount": {"price price_plain", price("price_plain", func(p *account.Price) {
			p.Amounts["usd"] = account.PriceAmount{Unit: decimal.RequireFromString("1999.6")}
		})},
		"interval":           {"price price_plain", price("price_plain", func(p *account.Price) { p.IntervalCount = 2 })},
		"a tier's unit":      {"price price_tiered", tier(func(t *account.Tier) { t.Unit = decimal.NewFromInt(501) })},
		"a tier's flat fee":  {"price price_tiered", tier(func(t *account.Tier) { t.Flat = decimal.NewFromInt(1001) })},
		"a tier's end":       {"price price_tiered", tier(func(t *account.Tier) { t.UpTo = 6 })},
		"volume":             {"price price_tiered", price("price_tiered", func(p *account.Price) { p.Volume = true })},
		"package":            {"price price_packed", price("price_packed", func(p *account.Price) { p.Package.Size = 4 })},
		"package rounded up": {"price price_packed", price("price_packed", func(p *account.Price) { p.Package.RoundUp = true })},
		"by usage":           {"price price_packed", price("price_packed", func(p *account.Price) { p.Metered = true })},
		"percentage":         {"coupon ten", coupon("ten", func(c *account.Coupon) { c.PercentOff = 20_0000 })},
		"duration":           {"coupon ten", coupon("ten", func(c *account.Coupon) { c.Duration = "once" })},
		"products":           {"coupon ten", coupon("ten", func(c *account.Coupon) { c.Products = []string{"prod_other"} })},
		"amount off":         {"coupon five", coupon("five", func(c *account.Coupon) { c.AmountOff = 501 })},
		"months":             {"coupon five", coupon("five", func(c *account.Coupon) { c.DurationInMonths = 1 })},
		"tax rate":           {"tax rate txr_1", func(a *account.Account) { r := a.TaxRates["txr_1"]; r.Percent += 1_0000; a.TaxRates["txr_1"] = r }},
		"tax included":       {"tax rate txr_1", func(a *account.Account) { r := a.TaxRates["txr_1"]; r.Inclusive = true; a.TaxRates["txr_1"] = r }},
		"credit":             {"customer cus_3", customer(func(c *account.Customer) { c.Balance, c.Currency = -500, "usd" })},
		"debt":               {"customer cus_3", customer(func(c *account.Customer) { c.Balance, c.Currency = 500, "usd" })},
		"exemption":          {"customer cus_3", customer(func(c *account.Customer) { c.TaxExempt = "exempt" })},
		"customer's discount": {"customer cus_3", customer(func(c *account.Customer) {
			c.Discount = &account.Discount{Coupon: account.Coupon{ID: "own", Valid: true, Duration: "forever", PercentOff: 5_0000}, Start: csvspec.At(today)}
		})},
	} {
		t.Run(name, func(t *testing.T) {
			facts := variedFacts()
			c.change(facts)
			r := reviewed([]byte(variedFile), facts)
			r.Ready = base.Rows.Planned
			_, err := base.Apply(t.Context(), reviewer{r}, r.Input, config)
			var changed *plan.FactsChangedError
			require.ErrorAs(t, err, &changed)
			require.Len(t, changed.Changes, 1, "%v", err)
			require.Equal(t, c.object, changed.Changes[0].Object)
			require.NotEqual(t, changed.Changes[0].Was, changed.Changes[0].Is)
			require.ErrorContains(t, err, c.object)
		})
	}
}

// TestCustomersChangeInWords: a debt is said in its currency, which for a customer who was never charged is that of the prices,
// and a customer without anything on whom charges depend is not called missing.
func TestCustomersChangeInWords(t *testing.T) {
	base, err := plan.Make(t.Context(), reviewed([]byte(variedFile), variedFacts()), config, nil)
	require.NoError(t, err)
	facts := variedFacts()
	indebted := facts.Customers["cus_3"]
	indebted.Balance = 7000
	facts.Customers["cus_3"] = indebted
	r := reviewed([]byte(variedFile), facts)
	r.Ready = base.Rows.Planned
	_, err = base.Apply(t.Context(), reviewer{r}, r.Input, config)
	require.ErrorContains(t, err, `customer cus_3 was without a balance, a discount or an exemption from tax, is "debt 70.00 USD"`)
}

// A plan of a file without anything assumed is applied as it was made, before and after it was kept as a file.
func TestAppliesWithoutAssumptions(t *testing.T) {
	const file = "customer,start_date,price\ncus_3,1907280000,price_plain\n"
	p, err := plan.Make(t.Context(), reviewed([]byte(file), variedFacts()), config, nil)
	require.NoError(t, err)
	require.Empty(t, p.Assumptions)
	for _, one := range []*plan.Plan{p, reread(t, p)} {
		r := reviewed([]byte(file), variedFacts())
		r.Ready = 1
		_, err = one.Apply(t.Context(), reviewer{r}, bytesInput([]byte(file)), config)
		require.NoError(t, err)
	}
}

// reread is the plan after it was written and read.
func reread(t *testing.T, p *plan.Plan) *plan.Plan {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, p.Write(&b))
	again, err := plan.Read(&b)
	require.NoError(t, err)
	return again
}

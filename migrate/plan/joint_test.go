package plan_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/plan"
	"github.com/subferry/subferry/validate/account"
)

// rowsOf plans a file and returns its rows and the plan.
func rowsOf(t *testing.T, csv string, facts *account.Account, c plan.Config) ([]plan.Row, *plan.Plan) {
	t.Helper()
	var rows []plan.Row
	p, err := plan.Make(t.Context(), reviewed([]byte(csv), facts), c, func(r *plan.Row) error {
		rows = append(rows, *r)
		return nil
	})
	require.NoError(t, err)
	return rows, p
}

func dues(r plan.Row) (list []int64) {
	for _, c := range r.Charges {
		list = append(list, c.Due)
	}
	return list
}

// TestRowsOfOneCustomer: three rows share a credit of 50.00 by time, not by line; another customer's do not.
func TestRowsOfOneCustomer(t *testing.T) {
	facts := monthlyFacts()
	facts.Customers = map[string]account.Customer{
		"cus_1": {ID: "cus_1", HasPaymentMethod: true, HasEmail: true, Balance: -5000, Currency: "usd", TaxExempt: "none"}, "cus_2": {ID: "cus_2", HasPaymentMethod: true, HasEmail: true},
	}
	start := today.Add(10 * days).Unix()
	csv := fmt.Sprintf("customer,start_date,price\ncus_1,%d,price_monthly\ncus_2,%d,price_monthly\ncus_1,%d,price_monthly\ncus_1,%d,price_monthly\n",
		start+7200, start, start, start+3600)
	c := config
	c.Renewals = 1
	rows, p := rowsOf(t, csv, facts, c)
	require.Equal(t, []int64{997, 1999}, dues(rows[0]), "the last one to start: 50.00 less twice 19.99 are 10.02")
	require.Equal(t, []int64{1999, 1999}, dues(rows[1]))
	require.Equal(t, []int64{0, 1999}, dues(rows[2]))
	require.Equal(t, []int64{0, 1999}, dues(rows[3]))
	require.EqualValues(t, 8*1999, p.Totals[0].All.Total)
	require.EqualValues(t, 8*1999-5000, p.Totals[0].All.AmountDue)
	require.Equal(t, map[forecast.Assumption]int64{forecast.BalanceByTime: 3}, p.Assumptions)
	require.Equal(t, "credit 50.00 USD", p.Facts["customer cus_1"])
	require.NotContains(t, p.Facts, "customer cus_2", "no charge depends on it")
}

// TestSmallChargesOfOneCustomer: what one row leaves on the balance is collected with another's invoice, even with one
// that stands before it in the file.
func TestSmallChargesOfOneCustomer(t *testing.T) {
	facts := monthlyFacts()
	facts.Customers = map[string]account.Customer{"cus_1": {ID: "cus_1", HasPaymentMethod: true, HasEmail: true}}
	small := facts.Prices["price_monthly"]
	small.ID, small.Amounts = "price_small", account.Fixed("usd", 20, "")
	facts.Prices["price_small"] = small
	start := today.Add(10 * days).Unix()
	rows, _ := rowsOf(t, fmt.Sprintf("customer,start_date,price\ncus_1,%d,price_monthly\ncus_1,%d,price_small\n", start+86400, start), facts, config)
	require.Equal(t, []int64{2019, 2019, 2019, 2019}, dues(rows[0]))
	require.Equal(t, []int64{0, 0, 0, 0}, dues(rows[1]))
}

// TestFiguresSayWhatTheyRestOn: in a row's JSON.
func TestFiguresSayWhatTheyRestOn(t *testing.T) {
	facts := monthlyFacts()
	facts.Coupons = friend()
	loyal := &account.Discount{Coupon: account.Coupon{ID: "LOYAL", Duration: "forever", PercentOff: 50_0000}}
	facts.Customers = map[string]account.Customer{"cus_1": {ID: "cus_1", HasPaymentMethod: true, HasEmail: true, Discount: loyal}, "cus_2": {ID: "cus_2", HasPaymentMethod: true, HasEmail: true, Discount: loyal}}
	start := today.Add(10 * days).Unix()
	c := config
	c.Renewals = 0
	csv := fmt.Sprintf("customer,start_date,price,coupon\ncus_1,%d,price_monthly,\ncus_2,%d,price_monthly,FRIEND\n", start, start)
	for _, madeUp := range []bool{false, true} {
		c.MadeUp = madeUp
		rows, p := rowsOf(t, csv, facts, c)
		require.Equal(t, madeUp, p.Options.MadeUp)
		basis := `"basis":"account"}]`
		if madeUp {
			basis = `"basis":"assumption","assumptions":["made_up_account"]}]`
		}
		for i, want := range []string{`"total":999,"balance":0,"amount_due":999,`, `"total":1799,"balance":0,"amount_due":1799,`} {
			text, err := json.Marshal(rows[i])
			require.NoError(t, err)
			require.Contains(t, string(text), want+basis)
			require.Equal(t, i == 0, bytes.Contains(text, []byte(`"customer_coupon":"LOYAL"`)))
			require.Equal(t, i == 1, bytes.Contains(text, []byte(`"replaced_coupon":"LOYAL"`)))
		}
	}
}

package forecast_test

import (
	"fmt"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate/account"
)

func ExampleOf() {
	facts := &account.Account{
		Prices:  map[string]account.Price{"price_gold": {Interval: "month", IntervalCount: 1, Currency: "usd", Amounts: account.Fixed("usd", 1999, "")}},
		Coupons: map[string]account.Coupon{"WELCOME": {Valid: true, Duration: "once", PercentOff: 25_0000}},
	}
	planned, err := schedule.FromRow(&csvspec.Row{
		Customer: "cus_1", StartDate: 1907280000, Price: "price_gold", Quantity: csvspec.Of(2), Coupon: "WELCOME",
	}, facts)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, charge := range forecast.Of(&planned, facts, 2).Charges {
		fmt.Println(charge.At, charge.Kind, csvspec.Money{Minor: charge.Total, Currency: charge.Currency})
	}
	// Output:
	// 2030-06-10T00:00:00Z first 29.98 USD
	// 2030-07-10T00:00:00Z renewal 39.98 USD
	// 2030-08-10T00:00:00Z renewal 39.98 USD
}

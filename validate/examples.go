package validate

import "fmt"

func adhocAmount(amount, currency string) string {
	return "customer,start_date,adhoc_items.0.amount,adhoc_items.0.product,adhoc_items.0.interval,adhoc_items.0.currency\n" +
		"cus_Ada,1801440000," + amount + ",prod_Pro,month," + currency + "\n"
}

// adhocDates returns an example that starts on 1 February 2027 and is billed monthly, with one more date.
func adhocDates(name string, value int64, more ...string) string {
	header := "customer,start_date,adhoc_items.0.amount,adhoc_items.0.product,adhoc_items.0.interval,adhoc_items.0.currency," + name
	row := fmt.Sprintf("cus_Ada,1801440000,1999,prod_Pro,month,usd,%d", value)
	for i := 0; i+1 < len(more); i += 2 {
		header, row = header+","+more[i], row+","+more[i+1]
	}
	return header + "\n" + row + "\n"
}

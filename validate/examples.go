package validate

import (
	"fmt"
	"strings"

	"github.com/subferry/subferry/csvspec"
)

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

// manyRows returns an example in which a customer has n subscriptions.
func manyRows(n int) string {
	var b strings.Builder
	b.WriteString("customer,start_date,price\n")
	for i := range n {
		fmt.Fprintf(&b, "cus_Ada,%d,price_Pro\n", 1801440000+i)
	}
	return b.String()
}

// nearRows returns the rows of an example that start soon.
func nearRows(n int) string {
	rows := ""
	for i := range n {
		rows += fmt.Sprintf("cus_Near%d,1801440000,price_Pro\n", i)
	}
	return rows
}

// manyItems returns an example with n items.
func manyItems(n int) string {
	header, row := "customer,start_date", "cus_Ada,1801440000"
	for i := range n {
		header += "," + csvspec.FieldItemPrice.Name(i)
		row += fmt.Sprintf(",price_Part%d", i)
	}
	return header + "\n" + row + "\n"
}

// manyMetadata returns an example with n metadata entries.
func manyMetadata(n int) string {
	header, row := "customer,start_date,price", "cus_Ada,1801440000,price_Pro"
	for i := range n {
		header += fmt.Sprintf(",metadata.key_%d", i)
		row += ",x"
	}
	return header + "\n" + row + "\n"
}

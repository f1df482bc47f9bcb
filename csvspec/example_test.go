package csvspec_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
)

// A file is read row by row. What cannot be read does not end the reading.
func ExampleReader() {
	file := `customer,start_date,price,quantity,metadata_source
cus_A,1893491940,price_Monthly,2,external:zuora
cus_B,31.12.2029,price_Monthly,,
`
	r, err := csvspec.NewReader(strings.NewReader(file), csvspec.ReadOptions{Unit: csvspec.UnitMinor})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("template:", r.Header().Template())
	for row, err := range r.All() {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(row.Customer, row.StartDate, row.Price, row.Quantity.Or(1), row.Metadata)
		for _, bad := range row.Source.Bad {
			cell := row.Source.Cell(bad.Index)
			fmt.Printf("line %d, byte %d: %q cannot be read as %s\n",
				cell.Line, cell.Byte, cell.Text, r.Header().Columns[bad.Index].Name)
		}
	}
	// Output:
	// template: basic
	// cus_A 2030-01-01T09:59:00Z price_Monthly 2 [{source external:zuora}]
	// cus_B  price_Monthly 1 []
	// line 3, byte 7: "31.12.2029" cannot be read as start_date
}

// Large files are read in blocks, several at a time. Each worker sums up its block; the sums come in the order of the file.
func ExampleEachBlock() {
	file := "customer,adhoc_items.0.amount,adhoc_items.0.currency\ncus_A,1999,usd\ncus_B,500,usd\n"
	r, err := csvspec.NewReader(strings.NewReader(file), csvspec.ReadOptions{Unit: csvspec.UnitMinor})
	if err != nil {
		fmt.Println(err)
		return
	}
	newWorker := func() func(*csvspec.Block) int64 {
		return func(b *csvspec.Block) (sum int64) {
			for row := range b.Rows() {
				sum += row.AdhocItems[0].Amount.N
			}
			return sum
		}
	}
	total := csvspec.Money{Currency: "usd"}
	err = csvspec.EachBlock(context.Background(), r, 2, newWorker, func(sum int64) error {
		total.Minor += sum
		return nil
	})
	fmt.Println(total, err)
	// Output: 24.99 USD <nil>
}

// Rows built by a program become a file of one of the templates.
func ExampleWrite() {
	start := csvspec.At(time.Date(2030, 1, 1, 10, 0, 0, 0, time.UTC))
	rows := []csvspec.Row{
		{Customer: "cus_A", StartDate: start, Price: "price_Monthly", Quantity: csvspec.Of(2)},
		{Customer: "cus_B", StartDate: start, Price: "price_Yearly", Metadata: csvspec.Metadata{{Key: "source", Value: "external:zuora"}}},
	}
	if err := csvspec.Write(os.Stdout, csvspec.Basic, rows); err != nil {
		fmt.Println(err)
	}
	// Output:
	// customer,start_date,price,quantity,automatic_tax,default_tax_rate,coupon,currency,trial_end,billing_cycle_anchor,proration_behavior,collection_method,days_until_due,backdate_start_date,cancel_at_period_end,metadata.source
	// cus_A,1893492000,price_Monthly,2,,,,,,,,,,,,
	// cus_B,1893492000,price_Yearly,,,,,,,,,,,,,external:zuora
}

func ExampleWriteTemplate() {
	if err := csvspec.WriteTemplate(os.Stdout, csvspec.AdHoc); err != nil {
		fmt.Println(err)
	}
	// Output:
	// customer,start_date,adhoc_items.0.amount,adhoc_items.0.product,adhoc_items.0.interval,adhoc_items.0.currency,adhoc_items.0.quantity,add_invoice_items.0.amount,add_invoice_items.0.product,add_invoice_items.0.currency,automatic_tax,default_tax_rate,coupon,currency,trial_end,billing_cycle_anchor,proration_behavior,collection_method,days_until_due,backdate_start_date,cancel_at_period_end,metadata.third_party_sub_id,metadata.source
}

// Sample rows are dated from now, so that they validate as they are.
func ExampleSample() {
	now := time.Date(2026, 3, 1, 12, 30, 0, 0, time.UTC)
	for _, row := range csvspec.Sample(csvspec.AdHoc, 4, now) {
		item := row.AdhocItems[0]
		fmt.Println(row.Customer, row.StartDate, item.Quantity, "x", item.Money(), "a", item.Interval)
	}
	// Output:
	// cus_Sample000001 2026-03-05T09:00:00Z 1 x 19.99 USD a month
	// cus_Sample000002 2026-03-06T14:00:00Z 5 x 24.99 USD a month
	// cus_Sample000003 2026-03-07T10:00:00Z 1 x 29.99 USD a month
	// cus_Sample000004 2026-03-08T15:00:00Z 1 x 34.99 USD a month
}

// A strict reader for files that programs wrote: the first mistake ends it.
func ExampleUnmarshal() {
	file := "customer,start_date,items.0.price,items.0.quantity\ncus_A,1893492000,price_Monthly,two\n"
	_, err := csvspec.Unmarshal(strings.NewReader(file), csvspec.ReadOptions{})
	fmt.Println(err)
	// Output:
	// line 2, column items.0.quantity: "two" is not a whole number that fits in 64 bits
}

func ExampleParseMoney() {
	for _, text := range []string{"21.50", "21.505", "1,999"} {
		money, problem := csvspec.ParseMoney(text, csvspec.UnitMajor, "usd")
		fmt.Println(text, "->", money.Minor, problem == csvspec.ProblemNone)
	}
	// Output:
	// 21.50 -> 2150 true
	// 21.505 -> 0 false
	// 1,999 -> 0 false
}

func ExampleNearest() {
	for _, name := range []string{"Start Date", "cancel_at", "items[2].price", "custmer", "colour"} {
		known, ok := csvspec.Nearest(name)
		fmt.Println(name, "->", known, ok)
	}
	// Output:
	// Start Date -> start_date true
	// cancel_at -> cancel_at_period_end true
	// items[2].price -> items.2.price true
	// custmer -> customer true
	// colour ->  false
}

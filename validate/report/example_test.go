package report_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/report"
)

// noTestCustomers is a rule that only one company has.
func noTestCustomers() validate.Rule {
	return validate.Rule{
		Code:  "acme_test_customer",
		Title: "A test customer is about to be migrated",
		Fix:   "Remove the row.",
		Check: func(c *validate.Check) {
			if strings.HasPrefix(c.Row.Customer, "cus_Test") {
				c.Report(validate.Finding{Column: "customer", Message: "this is one of our test customers."})
			}
		},
	}
}

const testFile = "customer,start_date,price\ncus_Ada,1801440000,price_Pro\ncus_Test1,1801440000,price_Pro\n"

// A file is validated and shown in one pass: the renderer takes the findings while the file is read. A rule of your
// own comes out like the others.
func ExampleNewText() {
	rules := []validate.Rule{noTestCustomers()}
	text := report.NewText(os.Stdout, report.TextOptions{Rules: rules})
	r, err := validate.Scan(context.Background(), "subs.csv", strings.NewReader(testFile), validate.Options{Now: now, Rules: rules}, text.Add)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := text.Close(r); err != nil {
		fmt.Println(err)
	}
	// Output:
	// subs.csv: basic template, 2 rows, 2 customers
	//   1 valid, 1 to be mended; the first starts on 2027-02-01 00:00:00 UTC
	//
	// 1 error
	//          1  acme_test_customer  A test customer is about to be migrated
	//
	// subs.csv:3:1: error acme_test_customer
	//      3 | cus_Test1,1801440000,price_Pro
	//        | ^^^^^^^^^
	//   customer "cus_Test1": this is one of our test customers.
	//   fix: Remove the row.
}

// The same file back, with a column of errors, is written row by row.
func ExampleNewCSV() {
	back := report.NewCSV(os.Stdout)
	opts := validate.Options{Now: now, Rules: []validate.Rule{noTestCustomers()}}
	_, err := validate.Each(context.Background(), "subs.csv", strings.NewReader(testFile), opts,
		func(row *csvspec.Row, found []validate.Finding) error { return back.Row(row, found) })
	if err == nil {
		err = back.Close()
	}
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// customer,start_date,price,processing_error
	// cus_Ada,1801440000,price_Pro,
	// cus_Test1,1801440000,price_Pro,"customer: this is one of our test customers. Remove the row."
}

package validate_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
)

func ExampleFile() {
	text := `customer,start_date,price,trial_end
cus_Ada,2027-02-01T00:00:00Z,price_Pro,
cus_Bob,1801440000,prod_Pro,1801440000
`
	report, err := validate.File(context.Background(), "subs.csv", strings.NewReader(text), validate.Options{Now: now})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range report.Findings {
		fmt.Println(f.At(report.File))
	}
	fmt.Println(report.Rows, "rows,", report.Invalid, "invalid; good to go:", report.OK())
	// Output:
	// subs.csv:2:2: error: start_date "2027-02-01T00:00:00Z": this is a written date (2027-02-01 00:00:00 UTC); Unix seconds were expected.
	// subs.csv:3:3: error: price "prod_Pro": a price ID was expected. This looks like a product ID.
	// subs.csv:3:4: error: trial_end "1801440000": 2027-02-01 00:00:00 UTC is not after start_date, 2027-02-01 00:00:00 UTC.
	// 2 rows, 2 invalid; good to go: false
}

func ExampleRow() {
	row := &csvspec.Row{Customer: "cus_Ada", StartDate: 1801440000, Price: "price_Pro", CollectionMethod: "send_invoice"}
	err := validate.Row(row, validate.Options{Now: now}).Err()
	fmt.Println(err)
	// Output: row: error: days_until_due "": collection_method is send_invoice, so a number of days was expected.
}

// A rule of your own stands beside the built-in ones and comes out of every renderer.
func ExampleRule() {
	noTestCustomers := validate.Rule{
		Code:     "acme_test_customer",
		Severity: validate.Warning,
		Title:    "A test customer is about to be migrated",
		Fix:      "Remove the row.",
		When:     []csvspec.Field{csvspec.FieldCustomer},
		Check: func(c *validate.Check) {
			if strings.HasPrefix(c.Row.Customer, "cus_Test") {
				c.Report(validate.Finding{Column: "customer", Message: "this is one of our test customers."})
			}
		},
	}
	text := "customer,start_date,price\ncus_Test1,1801440000,price_Pro\n"
	report, err := validate.File(context.Background(), "subs.csv", strings.NewReader(text),
		validate.Options{Now: now, Rules: []validate.Rule{noTestCustomers}})
	fmt.Println(report.Findings[0].At("subs.csv"), err)
	// Output: subs.csv:2:1: warning: customer "cus_Test1": this is one of our test customers. <nil>
}

// A rule of your own can also be about the header, or about the file as a whole.
func ExampleRule_header() {
	needsPlan := validate.Rule{
		Code:     "acme_no_plan",
		Severity: validate.Error,
		Title:    "The plan is not kept in the metadata",
		Fix:      "Add a column metadata.plan.",
		Header: func(h *validate.HeaderCheck) {
			if _, ok := h.Header.Lookup("metadata.plan"); !ok {
				h.Report(-1, validate.Finding{Column: "metadata.plan", Message: "our reports need the column metadata.plan."})
			}
			for _, c := range h.Header.Columns {
				if strings.HasPrefix(c.Key, "internal_") {
					h.Report(c.Index, validate.Finding{Message: "this column is none of the customer's business.", Fix: "Delete the column."})
				}
			}
		},
	}
	smallWaves := validate.Rule{
		Code:     "acme_wave",
		Severity: validate.Warning,
		Title:    "More subscriptions than we move in one night",
		Fix:      "Split the file.",
		File: func(f *validate.FileCheck) {
			if valid, deferred, _ := f.Rows(); valid+deferred > 1 {
				f.Report(validate.Finding{Message: fmt.Sprintf("%d subscriptions of %d customers would be moved; at most 1 was expected.", valid+deferred, f.Customers())})
			}
		},
	}
	text := "customer,start_date,price,metadata.internal_note\ncus_Ada,1801440000,price_Pro,x\ncus_Bob,1801440000,price_Pro,\n"
	opts := validate.Options{Now: now, Rules: []validate.Rule{needsPlan, smallWaves}}
	report, err := validate.File(context.Background(), "subs.csv", strings.NewReader(text), opts)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range report.Findings {
		fmt.Println(f.At(report.File), f.Fix)
	}
	// Output:
	// subs.csv: warning: 2 subscriptions of 2 customers would be moved; at most 1 was expected. Split the file.
	// subs.csv:1: error: metadata.plan "": our reports need the column metadata.plan. Add a column metadata.plan.
	// subs.csv:1:4: error: metadata.internal_note "metadata.internal_note": this column is none of the customer's business. Delete the column.
}

package validate

import (
	"strings"

	"github.com/subferry/subferry/csvspec"
)

func ruleRowRemark() Rule {
	return Rule{
		Code:     "row_remark",
		Severity: Error,
		Title:    "A line is a total or a remark, not a subscription",
		Why:      "Spreadsheets have totals below the data, and database programs print lines of dashes and how many rows there were; templates describe their columns. Stripe's toolkit would take the line for a subscription.",
		Fix:      "Delete the line. If it is to be a subscription, fill in customer, start_date and what is sold.",
		Bad:      "customer,start_date,price,quantity\ncus_Ada,1801440000,price_Pro,2\nTotal,,,2\n",
		Good:     "customer,start_date,price,quantity\ncus_Ada,1801440000,price_Pro,2\n",
		Source:   "toolkit guide, templates: one CSV row is one subscription",
		review: func(c *Check) {
			const sold = soldFields | fields(1<<csvspec.FieldStartDate)
			switch who := c.Row.Customer; {
			case c.ruler():
				c.findings = c.findings[:0]
				c.Report(Finding{Column: "customer", Message: "this line consists of dashes, as database programs print them."})
			case c.caption():
				c.findings = c.findings[:0]
				c.Report(Finding{Column: "customer", Message: "no cell of this line has a digit, not even its date; it looks like a description of the columns."})
			case who != "" && idKind(who) == "" && !isPlaceholder(who) && (c.stated|c.unread)&sold == 0 && !c.absent(csvspec.FieldStartDate):
				c.findings = c.findings[:0]
				c.Report(Finding{Column: "customer", Message: "this line has neither a customer ID nor a start date nor a price; it looks like a total or a remark."})
			}
		},
	}
}

// ruler tells whether all cells of the row are lines of dashes.
func (c *Check) ruler() bool {
	dashes := 0
	for i := range c.Row.Source.Len() {
		text := strings.TrimSpace(c.Row.Source.Text(i))
		if strings.Trim(text, "-=+─") != "" {
			return false
		}
		dashes += len(text)
	}
	return dashes > 0
}

// caption tells whether the row says in words what stands below it: (Stripe ID), (Unix seconds), required, optional.
func (c *Check) caption() bool {
	start := strings.TrimSpace(c.text("start_date"))
	if !c.unread.has(csvspec.FieldStartDate) || isPlaceholder(start) || strings.HasPrefix(strings.ToLower(c.Row.Customer), "customer") {
		return false
	}
	for i := range c.Row.Source.Len() {
		if text := c.Row.Source.Text(i); strings.ContainsAny(text, "0123456789") || idKind(text) != "" {
			return false
		}
	}
	return true
}

package validate

import "github.com/subferry/subferry/csvspec"

func ruleIDRounded() Rule {
	return Rule{
		Code:     "id_rounded",
		Severity: Error,
		Title:    "A spreadsheet has rounded an ID",
		Why:      "Spreadsheets take long numbers for quantities and keep 15 digits of them at most: different IDs become the same 2.05E+15, and none finds its subscription again.",
		Fix:      fixRounded,
		Bad:      "customer,start_date,price,metadata.third_party_sub_id\ncus_Ada,1801440000,price_Pro,2.05E+15\n",
		Good:     "customer,start_date,price,metadata.third_party_sub_id\ncus_Ada,1801440000,price_Pro,2050000000000017\n",
		Source:   "what people who migrate suffer from: IDs that a spreadsheet has rounded",
		onlyIf:   hasItems | hasDigits,
		Check:    (*Check).findRounded,
	}
}

// findRounded looks at every ID and all metadata of the row. It is called for every row, so it is quick where nothing
// begins with a digit.
func (c *Check) findRounded() {
	r := c.Row
	if rounded(r.Customer) || rounded(r.Price) || rounded(r.Coupon) || rounded(r.DefaultTaxRate) {
		c.checkRounded(csvspec.FieldCustomer, 0, r.Customer)
		c.checkRounded(csvspec.FieldPrice, 0, r.Price)
		c.checkRounded(csvspec.FieldCoupon, 0, r.Coupon)
		c.checkRounded(csvspec.FieldDefaultTaxRate, 0, r.DefaultTaxRate)
	}
	for i := range r.Items {
		c.checkRounded(csvspec.FieldItemPrice, i, r.Items[i].Price)
	}
	for i := range r.AdhocItems {
		c.checkRounded(csvspec.FieldAdhocProduct, i, r.AdhocItems[i].Product)
	}
	for i := range r.AddInvoiceItems {
		c.checkRounded(csvspec.FieldInvoiceProduct, i, r.AddInvoiceItems[i].Product)
	}
	for i := range r.Metadata {
		if kv := &r.Metadata[i]; rounded(kv.Value) {
			c.Report(Finding{Column: "metadata." + kv.Key, Message: roundedMessage})
		}
	}
}

const roundedMessage = "this is how a spreadsheet shows a long number; its last digits are lost."

func (c *Check) checkRounded(f csvspec.Field, item int, text string) {
	if rounded(text) {
		c.Report(Finding{Column: f.Name(item), Message: roundedMessage})
	}
}

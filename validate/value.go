package validate

import (
	"strconv"
	"strings"

	"github.com/subferry/subferry/csvspec"
)

// valueOf returns what a row that a program built holds in a column, as a file would write it.
func valueOf(r *csvspec.Row, column string) string {
	c := csvspec.ParseColumn(column)
	switch c.Field {
	case csvspec.FieldItemPrice, csvspec.FieldItemQuantity:
		return itemValue(r, c)
	case csvspec.FieldAdhocAmount, csvspec.FieldAdhocProduct, csvspec.FieldAdhocInterval, csvspec.FieldAdhocCurrency, csvspec.FieldAdhocQuantity:
		return adhocValue(r, c)
	case csvspec.FieldInvoiceAmount, csvspec.FieldInvoiceProduct, csvspec.FieldInvoiceCurrency:
		return invoiceValue(r, c)
	case csvspec.FieldMetadata:
		return r.Metadata.Get(c.Key)
	}
	return scalarValue(r, c.Field)
}

func scalarValue(r *csvspec.Row, f csvspec.Field) string {
	values := map[csvspec.Field]string{
		csvspec.FieldCustomer: r.Customer, csvspec.FieldStartDate: seconds(r.StartDate),
		csvspec.FieldPrice: r.Price, csvspec.FieldQuantity: r.Quantity.String(),
		csvspec.FieldAutomaticTax: yes(r.AutomaticTax), csvspec.FieldDefaultTaxRate: r.DefaultTaxRate,
		csvspec.FieldCoupon: r.Coupon, csvspec.FieldCurrency: r.Currency,
		csvspec.FieldTrialEnd: seconds(r.TrialEnd), csvspec.FieldBillingCycleAnchor: seconds(r.BillingCycleAnchor),
		csvspec.FieldProrationBehavior: r.ProrationBehavior, csvspec.FieldCollectionMethod: r.CollectionMethod,
		csvspec.FieldDaysUntilDue: r.DaysUntilDue.String(), csvspec.FieldBackdateStartDate: seconds(r.BackdateStartDate),
		csvspec.FieldCancelAtPeriodEnd: yes(r.CancelAtPeriodEnd),
	}
	return values[f]
}

func itemValue(r *csvspec.Row, c csvspec.Column) string {
	if c.Item >= len(r.Items) {
		return ""
	}
	if c.Field == csvspec.FieldItemPrice {
		return r.Items[c.Item].Price
	}
	return r.Items[c.Item].Quantity.String()
}

func adhocValue(r *csvspec.Row, c csvspec.Column) string {
	if c.Item >= len(r.AdhocItems) {
		return ""
	}
	item := r.AdhocItems[c.Item]
	switch c.Field {
	case csvspec.FieldAdhocAmount:
		return item.Amount.String()
	case csvspec.FieldAdhocProduct:
		return item.Product
	case csvspec.FieldAdhocInterval:
		return item.Interval
	case csvspec.FieldAdhocCurrency:
		return item.Currency
	}
	return item.Quantity.String()
}

func invoiceValue(r *csvspec.Row, c csvspec.Column) string {
	if c.Item >= len(r.AddInvoiceItems) {
		return ""
	}
	item := r.AddInvoiceItems[c.Item]
	switch c.Field {
	case csvspec.FieldInvoiceAmount:
		return item.Amount.String()
	case csvspec.FieldInvoiceProduct:
		return item.Product
	}
	return item.Currency
}

func seconds(t csvspec.Timestamp) string {
	if t.IsBlank() {
		return ""
	}
	return strconv.FormatInt(int64(t), 10)
}

func yes(b csvspec.Bool) string {
	if b {
		return "true"
	}
	return ""
}

// column returns the name of a column of item i: items.3.price.
func column(f csvspec.Field, item int) string { return f.Name(item) }

func quoteList(list []string) string { return strings.Join(list, ", ") }

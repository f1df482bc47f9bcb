package validate

import (
	"strconv"

	"github.com/subferry/subferry/csvspec"
)

// valueOf returns what a row that a program built holds in a column, as a file would write it.
func valueOf(r *csvspec.Row, column string) string {
	c := csvspec.ParseColumn(column)
	item, adhoc, once := at(r.Items, c.Item), at(r.AdhocItems, c.Item), at(r.AddInvoiceItems, c.Item)
	return map[csvspec.Field]string{
		csvspec.FieldCustomer: r.Customer, csvspec.FieldStartDate: seconds(r.StartDate),
		csvspec.FieldPrice: r.Price, csvspec.FieldQuantity: r.Quantity.String(),
		csvspec.FieldItemPrice: item.Price, csvspec.FieldItemQuantity: item.Quantity.String(),
		csvspec.FieldAdhocAmount: adhoc.Amount.String(), csvspec.FieldAdhocProduct: adhoc.Product, csvspec.FieldAdhocInterval: adhoc.Interval,
		csvspec.FieldAdhocCurrency: adhoc.Currency, csvspec.FieldAdhocQuantity: adhoc.Quantity.String(),
		csvspec.FieldInvoiceAmount: once.Amount.String(), csvspec.FieldInvoiceProduct: once.Product, csvspec.FieldInvoiceCurrency: once.Currency,
		csvspec.FieldMetadata: r.Metadata.Get(c.Key), csvspec.FieldAutomaticTax: yes(r.AutomaticTax),
		csvspec.FieldDefaultTaxRate: r.DefaultTaxRate, csvspec.FieldCoupon: r.Coupon, csvspec.FieldCurrency: r.Currency,
		csvspec.FieldTrialEnd: seconds(r.TrialEnd), csvspec.FieldBillingCycleAnchor: seconds(r.BillingCycleAnchor),
		csvspec.FieldProrationBehavior: r.ProrationBehavior, csvspec.FieldCollectionMethod: r.CollectionMethod,
		csvspec.FieldDaysUntilDue: r.DaysUntilDue.String(), csvspec.FieldBackdateStartDate: seconds(r.BackdateStartDate),
		csvspec.FieldCancelAtPeriodEnd: yes(r.CancelAtPeriodEnd),
	}[c.Field]
}

// at returns item i, a blank one when there are fewer.
func at[T any](items []T, i int) (item T) {
	if i < len(items) {
		item = items[i]
	}
	return item
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

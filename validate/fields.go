package validate

import "github.com/subferry/subferry/csvspec"

// fields is a set of fields of the format, one bit each.
type fields uint32

func setOf(list ...csvspec.Field) fields {
	var set fields
	for _, f := range list {
		set |= 1 << f
	}
	return set
}

func (s fields) has(f csvspec.Field) bool { return s&(1<<f) != 0 }

// The families of columns with a number in their name are stated together: rules look into the items themselves.
const (
	itemFields    = fields(1<<csvspec.FieldItemPrice | 1<<csvspec.FieldItemQuantity)
	adhocFields   = fields(1<<csvspec.FieldAdhocAmount | 1<<csvspec.FieldAdhocProduct | 1<<csvspec.FieldAdhocInterval | 1<<csvspec.FieldAdhocCurrency | 1<<csvspec.FieldAdhocQuantity)
	soldFields    = itemFields | adhocFields | fields(1<<csvspec.FieldPrice)
	invoiceFields = fields(1<<csvspec.FieldInvoiceAmount | 1<<csvspec.FieldInvoiceProduct | 1<<csvspec.FieldInvoiceCurrency)
)

// always is set for every row, so that rules without When are run on every row.
const (
	always fields = 1 << csvspec.FieldUnknown
	every  fields = ^fields(0)
)

// stated returns the fields that the row states.
func stated(r *csvspec.Row) fields {
	set := always | bit(r.Customer != "", csvspec.FieldCustomer) | bit(r.StartDate != 0, csvspec.FieldStartDate) |
		bit(r.Price != "", csvspec.FieldPrice) | bit(r.Quantity.Set, csvspec.FieldQuantity) |
		bit(len(r.Metadata) > 0, csvspec.FieldMetadata) | bit(bool(r.AutomaticTax), csvspec.FieldAutomaticTax) |
		bit(r.DefaultTaxRate != "", csvspec.FieldDefaultTaxRate) | bit(r.Coupon != "", csvspec.FieldCoupon) |
		bit(r.Currency != "", csvspec.FieldCurrency) | bit(r.TrialEnd != 0, csvspec.FieldTrialEnd) |
		bit(r.BillingCycleAnchor != 0, csvspec.FieldBillingCycleAnchor) |
		bit(r.ProrationBehavior != "", csvspec.FieldProrationBehavior) |
		bit(r.CollectionMethod != "", csvspec.FieldCollectionMethod) | bit(r.DaysUntilDue.Set, csvspec.FieldDaysUntilDue) |
		bit(r.BackdateStartDate != 0, csvspec.FieldBackdateStartDate) |
		bit(bool(r.CancelAtPeriodEnd), csvspec.FieldCancelAtPeriodEnd)
	if len(r.Items) > 0 {
		set |= itemFields
	}
	if len(r.AdhocItems) > 0 {
		set |= adhocFields
	}
	if len(r.AddInvoiceItems) > 0 {
		set |= invoiceFields
	}
	return set
}

func bit(on bool, f csvspec.Field) fields {
	if on {
		return 1 << f
	}
	return 0
}

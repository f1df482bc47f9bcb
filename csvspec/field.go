package csvspec

// Field is a column, or a family of columns, that the format knows.
type Field uint8

// The fields, in the order in which templates write them.
const (
	FieldUnknown Field = iota
	FieldCustomer
	FieldStartDate
	FieldPrice
	FieldQuantity
	FieldItemPrice // items.x.price
	FieldItemQuantity
	FieldAdhocAmount // adhoc_items.x.amount
	FieldAdhocProduct
	FieldAdhocInterval
	FieldAdhocCurrency
	FieldAdhocQuantity
	FieldInvoiceAmount // add_invoice_items.x.amount
	FieldInvoiceProduct
	FieldInvoiceCurrency
	FieldMetadata // metadata.KEY or metadata_KEY
	FieldAutomaticTax
	FieldDefaultTaxRate
	FieldCoupon
	FieldCurrency
	FieldTrialEnd
	FieldBillingCycleAnchor
	FieldProrationBehavior
	FieldCollectionMethod
	FieldDaysUntilDue
	FieldBackdateStartDate
	FieldCancelAtPeriodEnd
)

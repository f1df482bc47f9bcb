package csvspec

// setText stores a cell that needs no reading.
func (r *Row) setText(st *step, text string) {
	switch st.field {
	case FieldCustomer:
		r.Customer = text
	case FieldPrice:
		r.Price = text
	case FieldItemPrice:
		grow(&r.Items, st.item).Price = text
	case FieldAdhocProduct:
		grow(&r.AdhocItems, st.item).Product = text
	case FieldAdhocInterval:
		grow(&r.AdhocItems, st.item).Interval = text
	case FieldAdhocCurrency:
		grow(&r.AdhocItems, st.item).Currency = text
	case FieldInvoiceProduct:
		grow(&r.AddInvoiceItems, st.item).Product = text
	case FieldInvoiceCurrency:
		grow(&r.AddInvoiceItems, st.item).Currency = text
	case FieldMetadata:
		r.Metadata = append(r.Metadata, KeyValue{st.key, text})
	case FieldDefaultTaxRate:
		r.DefaultTaxRate = text
	case FieldCoupon:
		r.Coupon = text
	case FieldCurrency:
		r.Currency = text
	case FieldProrationBehavior:
		r.ProrationBehavior = text
	case FieldCollectionMethod:
		r.CollectionMethod = text
	}
}

// number returns the row's field of a whole number or an amount.
func (r *Row) number(st *step) *Int {
	switch st.field {
	case FieldItemQuantity:
		return &grow(&r.Items, st.item).Quantity
	case FieldAdhocAmount:
		return &grow(&r.AdhocItems, st.item).Amount
	case FieldAdhocQuantity:
		return &grow(&r.AdhocItems, st.item).Quantity
	case FieldInvoiceAmount:
		return &grow(&r.AddInvoiceItems, st.item).Amount
	case FieldDaysUntilDue:
		return &r.DaysUntilDue
	default:
		return &r.Quantity
	}
}

// moment returns the row's field of a moment.
func (r *Row) moment(st *step) *Timestamp {
	switch st.field {
	case FieldTrialEnd:
		return &r.TrialEnd
	case FieldBillingCycleAnchor:
		return &r.BillingCycleAnchor
	case FieldBackdateStartDate:
		return &r.BackdateStartDate
	default:
		return &r.StartDate
	}
}

// flag returns the row's field of a yes or no.
func (r *Row) flag(st *step) *Bool {
	if st.field == FieldCancelAtPeriodEnd {
		return &r.CancelAtPeriodEnd
	}
	return &r.AutomaticTax
}

// grow makes the slice long enough for item i, with blank items before it, and returns that item.
func grow[T any](items *[]T, i int) *T {
	for len(*items) <= i {
		var blank T
		*items = append(*items, blank)
	}
	return &(*items)[i]
}

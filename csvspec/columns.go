package csvspec

import (
	"strconv"
	"strings"
)

// family is what stands before the item number in the names of some columns.
type family string

const (
	familyNone     family = ""
	familyItems    family = "items"
	familyAdhoc    family = "adhoc_items"
	familyInvoice  family = "add_invoice_items"
	familyMetadata family = "metadata"
)

// maxItemColumns is one more than the highest item number that is still recognised as a column. The limit of the
// format, 20 items, is a rule and not a matter of reading.
const maxItemColumns = 100

// spec is what the format says about a column.
type spec struct {
	field  Field
	family family
	name   string // within its family
	kind   Kind
}

// Kind is how a column's cells are read.
type Kind uint8

// The kinds.
const (
	KindText      Kind = iota // as it is
	KindInt                   // a whole number
	KindTimestamp             // Unix seconds
	KindBool                  // true or false
	KindAmount                // an amount in the unit of the file
)

// specs returns what the format says about its columns, in the order in which templates write them.
func specs() []spec {
	var all []spec
	for f := FieldUnknown + 1; f.spec().field != FieldUnknown; f++ {
		all = append(all, f.spec())
	}
	return all
}

// spec returns what the format says about the field; the zero spec for FieldUnknown.
func (f Field) spec() spec {
	if f > FieldCancelAtPeriodEnd {
		return spec{}
	}
	return [...]spec{
		FieldCustomer:           {FieldCustomer, familyNone, "customer", KindText},
		FieldStartDate:          {FieldStartDate, familyNone, "start_date", KindTimestamp},
		FieldPrice:              {FieldPrice, familyNone, "price", KindText},
		FieldQuantity:           {FieldQuantity, familyNone, "quantity", KindInt},
		FieldItemPrice:          {FieldItemPrice, familyItems, "price", KindText},
		FieldItemQuantity:       {FieldItemQuantity, familyItems, "quantity", KindInt},
		FieldAdhocAmount:        {FieldAdhocAmount, familyAdhoc, "amount", KindAmount},
		FieldAdhocProduct:       {FieldAdhocProduct, familyAdhoc, "product", KindText},
		FieldAdhocInterval:      {FieldAdhocInterval, familyAdhoc, "interval", KindText},
		FieldAdhocCurrency:      {FieldAdhocCurrency, familyAdhoc, "currency", KindText},
		FieldAdhocQuantity:      {FieldAdhocQuantity, familyAdhoc, "quantity", KindInt},
		FieldInvoiceAmount:      {FieldInvoiceAmount, familyInvoice, "amount", KindAmount},
		FieldInvoiceProduct:     {FieldInvoiceProduct, familyInvoice, "product", KindText},
		FieldInvoiceCurrency:    {FieldInvoiceCurrency, familyInvoice, "currency", KindText},
		FieldMetadata:           {FieldMetadata, familyMetadata, "", KindText},
		FieldAutomaticTax:       {FieldAutomaticTax, familyNone, "automatic_tax", KindBool},
		FieldDefaultTaxRate:     {FieldDefaultTaxRate, familyNone, "default_tax_rate", KindText},
		FieldCoupon:             {FieldCoupon, familyNone, "coupon", KindText},
		FieldCurrency:           {FieldCurrency, familyNone, "currency", KindText},
		FieldTrialEnd:           {FieldTrialEnd, familyNone, "trial_end", KindTimestamp},
		FieldBillingCycleAnchor: {FieldBillingCycleAnchor, familyNone, "billing_cycle_anchor", KindTimestamp},
		FieldProrationBehavior:  {FieldProrationBehavior, familyNone, "proration_behavior", KindText},
		FieldCollectionMethod:   {FieldCollectionMethod, familyNone, "collection_method", KindText},
		FieldDaysUntilDue:       {FieldDaysUntilDue, familyNone, "days_until_due", KindInt},
		FieldBackdateStartDate:  {FieldBackdateStartDate, familyNone, "backdate_start_date", KindTimestamp},
		FieldCancelAtPeriodEnd:  {FieldCancelAtPeriodEnd, familyNone, "cancel_at_period_end", KindBool},
	}[f]
}

// Kind returns how the field's cells are read; KindText for FieldUnknown.
func (f Field) Kind() Kind { return f.spec().kind }

func (f Field) family() family { return f.spec().family }

// Name returns the name of the field's column; item is the x of an item's column and is ignored by all others. The
// name of metadata is "metadata.", to be followed by the key; that of FieldUnknown is "".
func (f Field) Name(item int) string {
	s := f.spec()
	switch s.family {
	case familyNone:
		return s.name
	case familyMetadata:
		return "metadata."
	default:
		return string(s.family) + "." + strconv.Itoa(item) + "." + s.name
	}
}

// String returns the name of the field's column with x for the number of an item: items.x.price.
func (f Field) String() string {
	switch s := f.spec(); s.family {
	case familyNone:
		if f == FieldUnknown {
			return "unknown"
		}
		return s.name
	case familyMetadata:
		return "metadata.KEY"
	default:
		return string(s.family) + ".x." + s.name
	}
}

// KnownColumns returns the names of all columns the format knows, in the order in which templates write them, with
// x in place of item numbers (items.x.price) and KEY in place of metadata keys (metadata.KEY).
func KnownColumns() []string {
	var names []string
	for _, s := range specs() {
		names = append(names, s.field.String())
	}
	return names
}

// ParseColumn reads a column's name as the format writes it, in lower case and without anything around it. A name
// the format does not know gives a column of FieldUnknown with that name.
func ParseColumn(name string) Column {
	c := Column{Raw: name, Name: name}
	if rest, ok := strings.CutPrefix(name, string(familyMetadata)); ok && len(rest) > 1 && (rest[0] == '.' || rest[0] == '_') {
		c.Field, c.Key, c.Name = FieldMetadata, rest[1:], "metadata."+rest[1:]
		return c
	}
	for _, s := range specs() {
		if item, ok := s.match(name); ok {
			c.Field, c.Item = s.field, item
			return c
		}
	}
	return c
}

// match tells whether name is a column of the spec, and of which item.
func (s spec) match(name string) (item int, ok bool) {
	switch s.family {
	case familyNone:
		return 0, name == s.name
	case familyMetadata:
		return 0, false
	}
	rest, ok := strings.CutPrefix(name, string(s.family)+".")
	if !ok {
		return 0, false
	}
	number, field, _ := strings.Cut(rest, ".")
	item, err := strconv.Atoi(number)
	ok = err == nil && field == s.name && item >= 0 && item < maxItemColumns && strconv.Itoa(item) == number
	return item, ok
}

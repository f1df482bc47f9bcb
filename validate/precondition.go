package validate

// precondition is what a row must have for a rule to find anything in it: damage, or values that few rows have. A rule
// with a precondition that the row does not meet is not even looked at. A row may meet it and still have no finding.
type precondition uint16

const (
	hasBadCell     precondition = 1 << iota // a cell could not be read as its column's type
	hasFault                                // the text of the record is damaged
	hasPadding                              // a cell has spaces around it
	isRagged                                // the record has more or fewer cells than the header
	hasNameless                             // the file has columns without a name
	isBuilt                                 // the row stands in no file: a program has built it, or reads it by itself
	hasItems                                // the row has items of any kind, whose cells are looked at one by one
	hasOddNumber                            // quantity or days_until_due is 0 or less, or quantity is very large
	hasOddStart                             // the start is too soon, or years from now
	hasNewCurrency                          // currency is another one than that of the last row that was found to be right
	hasOddMethod                            // proration_behavior or collection_method is no word of the format, or only a number of days goes with it
	hasOddMetadata                          // metadata is too long, or has keys that rules look at
	hasDigits                               // an ID or metadata begins like a number
)

// preconditions returns what is unusual about the row.
func (c *Check) preconditions() precondition {
	g := c.oddValues() | c.oddMetadata()
	if c.unread != 0 {
		g |= hasBadCell
	}
	if c.head == nil {
		g |= isBuilt
	}
	src := c.Row.Source
	if src == nil {
		return g
	}
	if len(src.Faults) > 0 {
		g |= hasFault
	}
	if src.Padded {
		g |= hasPadding
	}
	if src.Len() != len(src.Header.Columns) {
		g |= isRagged
	}
	if c.head != nil && len(c.head.nameless) > 0 {
		g |= hasNameless
	}
	return g
}

// oddValues returns what is unusual about the values of the row.
func (c *Check) oddValues() (g precondition) {
	r := c.Row
	if len(r.Items)+len(r.AdhocItems)+len(r.AddInvoiceItems) > 0 {
		g |= hasItems
	}
	if r.Quantity.Set && (r.Quantity.N <= 0 || r.Quantity.N > maxQuantity) || r.DaysUntilDue.Set && r.DaysUntilDue.N <= 0 {
		g |= hasOddNumber
	}
	if r.StartDate < max(c.v.now, c.v.earliest) || r.StartDate > c.v.now+farAway {
		g |= hasOddStart
	}
	if r.Currency != c.currency {
		g |= hasNewCurrency
	}
	switch r.ProrationBehavior {
	case "none", "create_prorations", "":
	default:
		g |= hasOddMethod
	}
	switch r.CollectionMethod {
	case "charge_automatically", "":
	case "send_invoice":
		if !r.DaysUntilDue.Set {
			g |= hasOddMethod
		}
	default:
		g |= hasOddMethod
	}
	if likeNumber(r.Customer) || likeNumber(r.Price) || likeNumber(r.Coupon) || likeNumber(r.DefaultTaxRate) {
		g |= hasDigits
	}
	return g
}

// oddMetadata returns what is unusual about the row's metadata.
func (c *Check) oddMetadata() (g precondition) {
	metadata := c.Row.Metadata
	if len(metadata) > maxMetadata-2 || c.head == nil || c.head.reserved {
		g |= hasOddMetadata
	}
	for i := range metadata {
		kv := &metadata[i]
		if likeNumber(kv.Value) {
			g |= hasDigits
		}
		switch {
		case len(kv.Value) > maxMetadataValue, kv.Key == oldSubscription, kv.Key == "source" && !externalSource(kv.Value):
			g |= hasOddMetadata
		}
	}
	return g
}

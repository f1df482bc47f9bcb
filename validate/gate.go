package validate

import "strings"

// gate is what a row must have for a rule to find anything in it: damage, or values that few rows have. Rules that want
// none of what a row has are not even looked at. It may be set for rows in which the rule finds nothing.
type gate uint16

const (
	gateBad      gate = 1 << iota // a cell could not be read as its column's type
	gateFaults                    // the text of the record is damaged
	gatePadded                    // a cell has spaces around it
	gateRagged                    // the record has more or fewer cells than the header
	gateNameless                  // the file has columns without a name
	gateBuilt                     // the row stands in no file: a program has built it, or reads it by itself
	gateItems                     // the row has items of any kind, whose cells are looked at one by one
	gateNumber                    // quantity or days_until_due is 0 or less
	gateStart                     // the start is too soon, or years from now
	gateCurrency                  // currency is another one than that of the last row that was found to be right
	gateMethod                    // proration_behavior or collection_method is no word of the format, or only a number of days goes with it
	gateMetadata                  // metadata is too long, or has keys that rules look at
	gateDigits                    // an ID or metadata begins like a number
)

// gates returns what is unusual about the row.
func (c *Check) gates() gate {
	g := c.valueGates() | c.metadataGates()
	if c.unread != 0 {
		g |= gateBad
	}
	if c.head == nil {
		g |= gateBuilt
	}
	src := c.Row.Source
	if src == nil {
		return g
	}
	if len(src.Faults) > 0 {
		g |= gateFaults
	}
	if src.Padded {
		g |= gatePadded
	}
	if src.Len() != len(src.Header.Columns) {
		g |= gateRagged
	}
	if c.head != nil && len(c.head.nameless) > 0 {
		g |= gateNameless
	}
	return g
}

// valueGates returns what is unusual about the values of the row.
func (c *Check) valueGates() (g gate) {
	r := c.Row
	if len(r.Items)+len(r.AdhocItems)+len(r.AddInvoiceItems) > 0 {
		g |= gateItems
	}
	if r.Quantity.Set && r.Quantity.N <= 0 || r.DaysUntilDue.Set && r.DaysUntilDue.N <= 0 {
		g |= gateNumber
	}
	if r.StartDate < max(c.v.now, c.v.earliest) || r.StartDate > c.v.now+farAway {
		g |= gateStart
	}
	if r.Currency != c.currency {
		g |= gateCurrency
	}
	switch r.ProrationBehavior {
	case "none", "create_prorations", "":
	default:
		g |= gateMethod
	}
	switch r.CollectionMethod {
	case "charge_automatically", "":
	case "send_invoice":
		if !r.DaysUntilDue.Set {
			g |= gateMethod
		}
	default:
		g |= gateMethod
	}
	if likeNumber(r.Customer) || likeNumber(r.Price) || likeNumber(r.Coupon) || likeNumber(r.DefaultTaxRate) {
		g |= gateDigits
	}
	return g
}

// metadataGates returns what is unusual about the row's metadata.
func (c *Check) metadataGates() (g gate) {
	metadata := c.Row.Metadata
	if len(metadata) > maxMetadata-2 || c.head == nil || c.head.reserved {
		g |= gateMetadata
	}
	for i := range metadata {
		kv := &metadata[i]
		if likeNumber(kv.Value) {
			g |= gateDigits
		}
		switch {
		case len(kv.Value) > maxMetadataValue, kv.Key == oldSubscription, kv.Key == "source" && !externalSource(kv.Value):
			g |= gateMetadata
		}
	}
	return g
}

// externalSource tells whether the source names a system as Stripe writes it.
func externalSource(source string) bool {
	return strings.HasPrefix(source, "external:") && len(source) > len("external:")
}

package validate

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

// idKinds are Stripe's objects by the prefix of their IDs, longer prefixes first where one begins with another.
//
// Source: the examples of docs.stripe.com/api.
func idKinds() [][2]string {
	return [][2]string{
		{"cus_", "a customer ID"}, {"price_", "a price ID"}, {"plan_", "a plan ID"}, {"prod_", "a product ID"},
		{"sub_sched_", "a subscription schedule ID"}, {"sub_", "a subscription ID"}, {"si_", "a subscription item ID"},
		{"txr_", "a tax rate ID"}, {"txcd_", "a tax code"}, {"promo_", "a promotion code ID"}, {"di_", "a discount ID"},
		{"in_", "an invoice ID"}, {"ii_", "an invoice item ID"}, {"pm_", "a payment method ID"},
		{"pi_", "a payment intent ID"}, {"ch_", "a charge ID"}, {"card_", "a card ID"}, {"src_", "a source ID"},
		{"acct_", "an account ID"}, {"cs_", "a checkout session ID"}, {"seti_", "a setup intent ID"},
		{"sk_", "a secret key"}, {"rk_", "a restricted key"}, {"pk_", "a publishable key"},
	}
}

// idKind returns which object's ID the text is, in words, or "" when it does not look like the ID of any.
func idKind(text string) string {
	if !strings.Contains(text, "_") {
		return ""
	}
	for _, k := range idKinds() {
		if isID(text, k[0]) {
			return k[1]
		}
	}
	return ""
}

// isID tells whether text is the prefix and letters, digits or underscores behind it.
func isID(text, prefix string) bool {
	if len(text) <= len(prefix) || text[:len(prefix)] != prefix {
		return false
	}
	for i := len(prefix); i < len(text); i++ {
		switch c := text[i]; {
		case '0' <= c && c <= '9', 'a' <= c|0x20 && c|0x20 <= 'z', c == '_':
		default:
			return false
		}
	}
	return true
}

// expected returns in words what the column's cells hold, as far as it can be told by looking at them.
func expected(f csvspec.Field) string {
	switch f {
	case csvspec.FieldCustomer:
		return "a customer ID"
	case csvspec.FieldPrice, csvspec.FieldItemPrice:
		return "a price ID"
	case csvspec.FieldAdhocProduct, csvspec.FieldInvoiceProduct:
		return "a product ID"
	case csvspec.FieldDefaultTaxRate:
		return "a tax rate ID"
	case csvspec.FieldAdhocInterval:
		return "an interval"
	case csvspec.FieldAdhocCurrency, csvspec.FieldInvoiceCurrency, csvspec.FieldCurrency:
		return "a currency"
	case csvspec.FieldAutomaticTax, csvspec.FieldCancelAtPeriodEnd:
		return "true or false"
	case csvspec.FieldProrationBehavior:
		return "a proration behavior"
	case csvspec.FieldCollectionMethod:
		return "a collection method"
	case csvspec.FieldStartDate, csvspec.FieldTrialEnd, csvspec.FieldBillingCycleAnchor, csvspec.FieldBackdateStartDate:
		return "a date"
	}
	return ""
}

// looksLike returns in words what the text most likely is, or "".
func looksLike(text string) string {
	if kind := idKind(text); kind != "" {
		return kind
	}
	switch word := strings.ToLower(text); word {
	case "true", "false":
		return "true or false"
	case "day", "week", "month", "year":
		return "an interval"
	case "none", "create_prorations", "always_invoice":
		return "a proration behavior"
	case "send_invoice", "charge_automatically":
		return "a collection method"
	default:
		if _, ok := csvspec.Decimals(word); ok {
			return "a currency"
		}
	}
	return ""
}

// guess says what the cell in the column looks like: a sentence to put behind a message, or "". When a column at
// most three to the left or right holds such values, it asks whether the row is shifted.
func (c *Check) guess(columnName, text string) string {
	kind := looksLike(strings.TrimSpace(text))
	switch {
	case kind != "":
	case strings.HasPrefix(text, "="):
		return " This is the text of a formula."
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Cf, r) || r == '\u00a0' }):
		return " It contains a character that cannot be seen."
	case damagedID(text) != "":
		return damagedID(text)
	case c.besideMetadata(columnName):
		return " The next column is for metadata and blank; is the row shifted by 1 column?"
	default:
		return ""
	}
	if by := c.shifted(columnName, kind); by > 0 {
		return fmt.Sprintf(" This looks like %s; is the row shifted by %s?", kind, words.Count(by, "column"))
	}
	return fmt.Sprintf(" This looks like %s.", kind)
}

// damagedID says what has happened to an ID on its way into the cell; "" when the text was none.
func damagedID(text string) string {
	if at := strings.LastIndexByte(text, '/'); strings.Contains(text, "://") {
		return " This is a web address; the ID is what stands behind its last slash: " + withoutSecret(text[at+1:]) + "."
	}
	if strings.Trim(text, typographic) != text {
		return " The quotes around it are part of the cell; delete them."
	}
	if severalIDs(text) {
		return " It holds several IDs; a cell takes one."
	}
	for _, k := range idKinds() {
		rest, ok := strings.CutPrefix(strings.ToLower(text), k[0])
		switch {
		case !ok, len(text) < len(k[0]):
		case rest == "":
			return " Nothing stands behind " + k[0] + "."
		case strings.HasSuffix(rest, "…"), strings.HasSuffix(rest, "..."):
			return " It is cut off at its end."
		case text[:len(k[0])] != k[0]:
			return " Capital letters matter in IDs, and those of this one have been changed; take it from its source again."
		default:
			return " It looks like " + k[1] + ", but IDs consist of letters, digits and underscores."
		}
	}
	return ""
}

// typographic are the quotes that text programs make of straight ones.
const typographic = "“”„‘’‚«»‹›"

// severalIDs tells whether the text is a list of IDs.
func severalIDs(text string) bool {
	ids := 0
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;/|+&\n\t", r) }) {
		if idKind(part) != "" {
			ids++
		}
	}
	return ids > 1
}

// shifted returns how far away the nearest column is that expects such values; 0 when none is near.
func (c *Check) shifted(columnName, kind string) int {
	if c.Row.Source == nil {
		return 0
	}
	columns := c.Row.Source.Header.Columns
	at, ok := c.Row.Source.Header.Lookup(columnName)
	if !ok {
		return 0
	}
	for by := 1; by <= 3; by++ {
		for _, i := range []int{at.Index - by, at.Index + by} {
			if i >= 0 && i < len(columns) && expected(columns[i].Field) == kind {
				return by
			}
		}
	}
	return 0
}

// besideMetadata tells whether the next column is for metadata, which can be anything, and the row's cell in it is
// blank.
func (c *Check) besideMetadata(columnName string) bool {
	if c.Row.Source == nil {
		return false
	}
	columns := c.Row.Source.Header.Columns
	at, ok := c.Row.Source.Header.Lookup(columnName)
	next := at.Index + 1
	return ok && next < len(columns) && columns[next].Field == csvspec.FieldMetadata &&
		strings.TrimSpace(c.Row.Source.Text(next)) == ""
}

func freeFormPrice(id string) bool {
	kind := looksLike(id)
	broken := strings.HasPrefix(id, "price_") || strings.HasSuffix(id, "…") || strings.HasSuffix(id, "...") || strings.Contains(id, "://") || strings.Trim(id, typographic) != id
	return !isPlaceholder(id) && (kind == "" || kind == "a plan ID") && !strings.ContainsAny(id, " \t\n,;") && !broken
}

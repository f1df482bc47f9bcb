package convert

import (
	"slices"
	"strings"

	"github.com/subferry/subferry/csvspec"
)

// columns are the columns of an export by what they are, and those of the file that is made of it.
type columns struct {
	at       map[string]int   // by the name in lower case, without (utc)
	utc      map[string]bool  // whose name says (UTC)
	metadata []metadataColumn // that the export carries along
	unused   []string         // that the format has no place for
	names    []string         // of all columns, as the header has them
}

type metadataColumn struct {
	key   string
	index int
}

// readColumns finds the columns of an export.
func readColumns(h *csvspec.Header) (columns, error) {
	c := columns{at: map[string]int{}, utc: map[string]bool{}}
	read := []string{ // everything else has no place in the format, or is worked out from these
		"id", "customer id", "plan", "price", "price id", "quantity", "currency", "status", "start date", "start", "current period end", "trial end",
		"coupon", "tax percent", "canceled at", "ended at", "cancel at", "cancel at period end", "collection method",
		"days until due", "application fee percent", "automatic tax",
	}
	for _, col := range h.Columns {
		c.names = append(c.names, col.Raw)
		name := strings.ToLower(strings.Join(strings.Fields(csvspec.CleanName(col.Raw)), " "))
		plain, utc := strings.CutSuffix(name, " (utc)")
		_, twice := c.at[plain]
		key, isMetadata := strings.CutSuffix(csvspec.CleanName(col.Raw), " (metadata)")
		taken := key == oldIDKey || key == sourceKey || slices.ContainsFunc(c.metadata, func(m metadataColumn) bool { return m.key == key })
		switch {
		case isMetadata && !taken:
			c.metadata = append(c.metadata, metadataColumn{key, col.Index})
		case slices.Contains(read, plain) && !twice:
			c.at[plain], c.utc[plain] = col.Index, utc
		default:
			c.unused = append(c.unused, strings.TrimSpace(col.Raw))
		}
	}
	if _, ok := c.at["id"]; !ok {
		return c, ErrNoID
	}
	return c, nil
}

const (
	oldIDKey  = "old_Stripe_sub_id"
	sourceKey = "source"
)

// has tells whether the export has one of the columns.
func (c columns) has(names ...string) bool {
	for _, name := range names {
		if _, ok := c.at[name]; ok {
			return true
		}
	}
	return false
}

// header returns the columns of the file: those that every subscription needs, and those that the export has something
// to say about.
func (c columns) header() []string {
	names := []string{"customer", "start_date", "price", "quantity"}
	for _, optional := range c.optional() {
		names = append(names, optional.name)
	}
	names = append(names, "proration_behavior", "metadata."+oldIDKey, "metadata."+sourceKey)
	for _, m := range c.metadata {
		names = append(names, "metadata."+m.key)
	}
	return names
}

// optional returns the columns that depend on the export, and how their cells are filled.
func (c columns) optional() []optionalColumn {
	var list []optionalColumn
	for _, o := range []optionalColumn{
		{"currency", "currency", func(n subscription) string { return n.currency }},
		{"coupon", "coupon", func(n subscription) string { return n.coupon }},
		{"default_tax_rate", "tax percent", func(n subscription) string { return n.taxRate }},
		{"automatic_tax", "automatic tax", func(n subscription) string { return n.automaticTax }},
		{"collection_method", "collection method", func(n subscription) string { return n.collection }},
		{"days_until_due", "days until due", func(n subscription) string { return n.daysUntilDue }},
	} {
		if c.has(o.from) {
			list = append(list, o)
		}
	}
	if c.has("start date", "start") {
		list = append(list, optionalColumn{"backdate_start_date", "", func(n subscription) string { return n.backdate }})
	}
	return list
}

type optionalColumn struct {
	name, from string
	cell       func(subscription) string
}

// exported is a row of the export as it stands there.
type exported struct {
	line                                   int
	id, customer, plan, quantity, currency string
	status, coupon, tax, fee, automaticTax string
	canceledAt, endedAt, cancelAt, atEnd   string
	collection, daysUntilDue               string
	periodEnd, start, trialEnd             dated
	metadata                               []string
	cells                                  []string // all of the row, as they were read
}

// dated is a date as it is written, and whether its column says that it is in UTC.
type dated struct {
	text string
	utc  bool
}

// read returns a row of the export.
func (c columns) read(src *csvspec.Source) exported {
	text := func(names ...string) string {
		for _, name := range names {
			if i, ok := c.at[name]; ok {
				return strings.TrimSpace(src.Text(i))
			}
		}
		return ""
	}
	date := func(names ...string) dated {
		for _, name := range names {
			if c.has(name) {
				return dated{text(name), c.utc[name]}
			}
		}
		return dated{}
	}
	x := exported{
		line: src.Line, id: text("id"), customer: text("customer id"), plan: text("plan", "price", "price id"), quantity: text("quantity"),
		currency: strings.ToLower(text("currency")), status: strings.ReplaceAll(strings.ToLower(text("status")), " ", "_"),
		coupon: text("coupon"), tax: text("tax percent"), fee: text("application fee percent"), automaticTax: strings.ToLower(text("automatic tax")),
		canceledAt: text("canceled at"), endedAt: text("ended at"), cancelAt: text("cancel at"), atEnd: strings.ToLower(text("cancel at period end")),
		collection: strings.ReplaceAll(strings.ToLower(text("collection method")), " ", "_"), daysUntilDue: text("days until due"),
		periodEnd: date("current period end"), start: date("start date", "start"), trialEnd: date("trial end"),
	}
	for _, m := range c.metadata {
		x.metadata = append(x.metadata, src.Text(m.index))
	}
	for i := range src.Len() {
		x.cells = append(x.cells, src.Text(i))
	}
	return x
}

// taxed tells whether a tax in percent is added.
func (x exported) taxed() bool { return strings.Trim(x.tax, "0.,% ") != "" }

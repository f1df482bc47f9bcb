package csvspec

import "fmt"

// Template is one of the three ways in which a file says what is sold.
type Template uint8

// The templates.
const (
	Basic     Template = iota // price, quantity
	MultiItem                 // items.x.price, items.x.quantity
	AdHoc                     // adhoc_items.x.amount and its neighbours
)

// Templates returns the templates in the order in which Stripe lists them.
func Templates() []Template { return []Template{Basic, MultiItem, AdHoc} }

// String returns "basic", "multi-item" or "ad-hoc".
func (t Template) String() string {
	switch t {
	case MultiItem:
		return "multi-item"
	case AdHoc:
		return "ad-hoc"
	default:
		return "basic"
	}
}

// ParseTemplate returns the template with the name that String gives it.
func ParseTemplate(name string) (Template, error) {
	for _, t := range Templates() {
		if t.String() == name {
			return t, nil
		}
	}
	return Basic, fmt.Errorf("there is no template %q: the templates are basic, multi-item and ad-hoc", name)
}

// Template returns the template of a file with these columns: ad-hoc as soon as it has a column of an ad-hoc item,
// else multi-item as soon as it has a column of an item, else basic.
func (h *Header) Template() Template {
	template := Basic
	for _, c := range h.Columns {
		switch c.Field.family() {
		case familyAdhoc:
			return AdHoc
		case familyItems:
			template = MultiItem
		}
	}
	return template
}

package validate

import (
	"cmp"
	"slices"

	"github.com/subferry/subferry/csvspec"
)

func ruleItemGap() Rule {
	return Rule{
		Code:     "item_gap",
		Severity: Warning,
		Title:    "The items of a row are not numbered without gaps",
		Why:      "Items count from 0. A gap often means that a value is in the wrong column.",
		Fix:      "Move the items to the left, so that the first one is items.0, the next items.1, and so on.",
		Bad:      "customer,start_date,items.0.price,items.1.price\ncus_Ada,1801440000,,price_Pro\n",
		Good:     "customer,start_date,items.0.price,items.1.price\ncus_Ada,1801440000,price_Pro,\n",
		Source:   "toolkit guide, columns items.x: x counts from 0",
		When:     []csvspec.Field{csvspec.FieldItemPrice, csvspec.FieldAdhocAmount, csvspec.FieldInvoiceAmount},
		Header: func(h *HeaderCheck) {
			next := map[csvspec.Field]int{csvspec.FieldItemPrice: 0, csvspec.FieldAdhocAmount: 0, csvspec.FieldInvoiceAmount: 0}
			numbered := slices.Clone(h.Header.Columns)
			slices.SortStableFunc(numbered, func(a, b csvspec.Column) int {
				return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.Item, b.Item))
			})
			for _, c := range numbered {
				want, ok := next[c.Field]
				if ok && c.Item > want { // as in a header whose items count from 1; the rows follow from it
					h.Report(c.Index, Finding{
						Message: "the header has no " + c.Field.Name(want) + "; items count from 0, without gaps.",
						Fix:     "Number the columns anew, so that those of the first item have 0 in their names, those of the next 1, and so on.",
					})
					delete(next, c.Field)
				} else if ok {
					next[c.Field] = c.Item + 1
				}
			}
		},
		Check: func(c *Check) {
			if i := gap(c.Row.Items); i >= 0 && c.unread&itemFields == 0 {
				c.reportGap(csvspec.FieldItemPrice, i)
			}
			if i := gap(c.Row.AdhocItems); i >= 0 && c.unread&adhocFields == 0 {
				c.reportGap(csvspec.FieldAdhocAmount, i)
			}
			if i := gap(c.Row.AddInvoiceItems); i >= 0 && c.unread&invoiceFields == 0 {
				c.reportGap(csvspec.FieldInvoiceAmount, i)
			}
		},
	}
}

// gap returns the first blank item in front of one that is not; -1 when there is none.
func gap[T interface {
	comparable
	IsBlank() bool
}](items []T) int {
	var blank T
	first := -1
	for i := range items {
		switch {
		case items[i] != blank && first >= 0:
			return first
		case items[i] == blank && first < 0:
			first = i
		}
	}
	return -1
}

func (c *Check) reportGap(f csvspec.Field, item int) {
	if src := c.Row.Source; src != nil && c.head != nil {
		if _, ok := src.Header.Lookup(f.Name(item)); !ok {
			return // said once, of the header
		}
	}
	c.Report(Finding{Column: f.Name(item), Message: f.Name(item) + " is blank, but an item with a higher number is not."})
}

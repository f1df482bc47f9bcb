package validate

import (
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
			for _, f := range []csvspec.Field{csvspec.FieldItemPrice, csvspec.FieldAdhocAmount, csvspec.FieldInvoiceAmount} {
				h.checkNumbers(f)
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

// checkNumbers reports a number that the header leaves out, as in one whose items count from 1. The rows follow from it.
func (h *HeaderCheck) checkNumbers(f csvspec.Field) {
	var numbered []csvspec.Column
	for _, c := range h.Header.Columns {
		if c.Field == f {
			numbered = append(numbered, c)
		}
	}
	slices.SortStableFunc(numbered, func(a, b csvspec.Column) int { return a.Item - b.Item })
	next := 0
	for _, c := range numbered {
		if c.Item > next {
			h.Report(c.Index, Finding{
				Message: "the header has no " + f.Name(next) + "; items count from 0, without gaps.",
				Fix:     "Number the columns anew, so that those of the first item have 0 in their names, those of the next 1, and so on.",
			})
			return
		}
		next = c.Item + 1
	}
}

func (c *Check) reportGap(f csvspec.Field, item int) {
	if src := c.Row.Source; src != nil && c.head != nil {
		if _, ok := src.Header.Lookup(f.Name(item)); !ok {
			return // said once, of the header
		}
	}
	c.Report(Finding{Column: f.Name(item), Message: f.Name(item) + " is blank, but an item with a higher number is not."})
}

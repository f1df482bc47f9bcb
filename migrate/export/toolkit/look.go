package toolkit

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/convert"
)

// Options are what a file is made with.
type Options struct {
	Now       time.Time
	Map       convert.Map       // the destination account's IDs; nil leaves the source account's
	Customers convert.Customers // what a copy has brought to the destination account; the zero value leaves customers as they are
	Decisions Decisions
}

// Found is a state in which a subscription is.
type Found struct {
	State    State
	Choices  []Choice
	Decision string // the word that was decided, "" for none
}

// Case is what becomes of one subscription.
type Case struct {
	ID       string
	Customer string
	Status   string
	Verdict  Verdict
	Found    []Found
	Row      csvspec.Row // of one that is ready
	Coupons  []Coupon    // that the row needs and the destination account does not have yet
}

// Look judges one subscription, which is a line of Stripe's JSON. The error is a *DecisionError, or tells that the line
// is none.
func Look(line []byte, opts Options) (Case, error) {
	var s subscription
	if err := json.Unmarshal(line, &s); err != nil {
		return Case{}, fmt.Errorf("%.80s… is no subscription of Stripe's: %w", line, err)
	}
	l := &looked{subscription: &s, now: opts.Now.Unix(), end: s.PeriodEnd, to: opts.Map, copied: opts.Customers}
	for _, i := range s.Items.Data { // from 2025-03-31 on the end of what is paid stands on the items
		if s.PeriodEnd == 0 && (l.end == 0 || i.PeriodEnd < l.end) {
			l.end = i.PeriodEnd
		}
	}
	c := Case{ID: s.ID, Customer: s.Customer.ID, Status: s.Status, Verdict: Ready}
	if s.ID == "" {
		return c, fmt.Errorf("%.80s… is no subscription of Stripe's: it has no ID", line)
	}
	for _, state := range States() {
		choices := state.find(l)
		if choices == nil {
			continue
		}
		c.Found = append(c.Found, Found{State: state, Choices: choices})
		if state.Verdict == Immovable { // what else there is does not matter
			c.Verdict, c.Found = Immovable, c.Found[len(c.Found)-1:]
			return c, nil
		}
	}
	return c, c.decide(l, opts)
}

// decide applies the decisions and makes the row.
func (c *Case) decide(l *looked, opts Options) error {
	row := l.row()
	for i := range c.Found {
		f := &c.Found[i]
		if f.State.Verdict != Undecided {
			continue
		}
		choice, err := opts.Decisions.of(c.ID, *f)
		switch {
		case err != nil:
			return err
		case choice == nil:
			if c.Verdict == Ready {
				c.Verdict = Undecided
			}
			continue
		}
		f.Decision = choice.Word
		if choice.Word == "skip" {
			c.Verdict = LeftOut
			continue
		}
		choice.apply(&row)
		if choice.Word == "remainder" {
			c.Coupons = append(c.Coupons, remainder(l.discounts()[0], l.end))
		}
	}
	if c.Verdict == Ready {
		c.Row = row
	}
	return nil
}

// needs replaces the source account's IDs of a row by the destination account's, and returns those that the map lacks.
func (c *Case) needs(m convert.Map) (missing []convert.Pair) {
	if m == nil {
		return nil
	}
	replace := func(kind convert.Kind, id *string) {
		if *id == "" {
			return
		}
		if to := m.Get(kind, *id); to != "" {
			*id = to
			return
		}
		for _, own := range c.Coupons {
			if kind == convert.KindCoupon && own.ID == *id {
				return
			}
		}
		missing = append(missing, convert.Pair{Kind: kind, Source: *id})
	}
	replace(convert.KindPrice, &c.Row.Price)
	replace(convert.KindCoupon, &c.Row.Coupon)
	replace(convert.KindTaxRate, &c.Row.DefaultTaxRate)
	for i := range c.Row.Items {
		replace(convert.KindPrice, &c.Row.Items[i].Price)
	}
	for i := range c.Row.AdhocItems {
		replace(convert.KindProduct, &c.Row.AdhocItems[i].Product)
	}
	return missing
}

// words returns the choices as the file of decisions shows them.
func (f Found) words() string {
	var all []string
	for _, c := range f.Choices {
		all = append(all, c.Word+" ("+c.Means+")")
	}
	return strings.Join(all, "; ")
}

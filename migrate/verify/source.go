package verify

import (
	"slices"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate/convert"
)

// withSource compares the row with the source subscription as it is now. stopped tells that a cutover has stopped it, so
// that its end is wanted. s is nil when the source account has no such subscription.
func (c *comparison) withSource(s *subscriptionObject, id string, stopped bool) {
	c.side = Source
	if s == nil {
		c.add("subscription", id, "")
		return
	}
	c.add("subscription", id, s.ID)
	// What the user has decided about an awkward state is expected.
	decided := func(field, state, expected, found string) {
		if word, own := c.decided(id, state); word != "" && word != "skip" && (own || field != "cancel_at_period_end" || c.canceledBefore(s)) {
			expected = found
		}
		c.add(field, expected, found)
	}
	ending := s.ended() || s.CancelAtPeriodEnd || !s.CancelAt.IsBlank()
	switch {
	case stopped && (s.ended() || s.Pause != nil), s.Status == "active", s.Status == "trialing":
		c.add("status", s.Status, s.Status)
	default:
		decided("status", s.Status, "active", s.Status) // past_due, unpaid and paused are states of the export as well
	}
	if !stopped {
		decided("pause_collection", "collection_paused", "", pauseWords(s))
		state := "ending"
		if !s.CancelAtPeriodEnd && s.CancelAt > s.periodEnd() {
			state = "cancel_at"
		}
		decided("cancel_at_period_end", state, yesNo(bool(c.row.CancelAtPeriodEnd)), c.endingWords(s, ending))
	}
	if !s.ended() {
		c.sourcePeriod(s)
	}
	c.sourceItems(s)
	c.sourceCoupon(s, id)
}

// canceledBefore tells whether it was canceled before the migration was run: a decision about all who are leaving was
// about this one as well.
func (c *comparison) canceledBefore(s *subscriptionObject) bool {
	return !s.CanceledAt.IsBlank() && s.CanceledAt < c.began
}

// beforeRun is added to what is said of a source subscription that was canceled before the migration was run.
const beforeRun = ", since before the run"

func (c *comparison) endingWords(s *subscriptionObject, ending bool) string {
	if ending && !bool(c.row.CancelAtPeriodEnd) && c.canceledBefore(s) {
		return yesNo(true) + beforeRun
	}
	return yesNo(ending)
}

func pauseWords(s *subscriptionObject) string {
	if s.Pause == nil {
		return ""
	}
	return s.Pause.Behavior
}

// takesOver is when the destination takes over from the source: its first charge, or, when there is none, its end. That
// is when what the source was paid for has to end.
func takesOver(p *schedule.Planned) csvspec.Timestamp {
	switch {
	case !p.FirstCharge.IsBlank():
		return p.FirstCharge
	case p.Subscription != nil && !p.Subscription.CancelAt.IsBlank():
		return p.Subscription.CancelAt
	case p.Subscription == nil && !p.Schedule.Phase.EndDate.IsBlank():
		return p.Schedule.Phase.EndDate
	}
	return p.StartDate
}

// sourcePeriod compares when what the source was paid for ends with when the destination takes over. A file made of the
// Dashboard's export knows moments to the minute only.
func (c *comparison) sourcePeriod(s *subscriptionObject) {
	want, found := takesOver(c.planned), s.periodEnd()
	if found.Time().Truncate(time.Minute).Equal(want.Time()) {
		found = want
	}
	c.addMoment("current_period_end", want, found)
}

// sourceItems compares the row's items with the source's, each with the price that the map names for it, and what both
// cost. An item whose amount the row states itself is compared by that.
func (c *comparison) sourceItems(s *subscriptionObject) {
	want, columns := c.planned.Terms().Items, itemColumns(c.row)
	pairs, extra := match(len(want), s.Items.Data, func(i int, f itemObject) bool { return c.sameSource(want[i], f, s.Currency) })
	for i, w := range want {
		of := pairs[i]
		if of == nil {
			c.add(columns[i]+pricePart(w), itemWords(w), "")
			continue
		}
		mapped := c.to.Get(convert.KindPrice, of.Price.ID)
		if w.Price == "" {
			c.add(columns[i]+"amount", w.Money.String(), of.Price.amount())
			c.add(columns[i]+"interval", w.Interval, of.Price.cycle())
			if product := c.to.Get(convert.KindProduct, string(of.Price.Product)); product != "" {
				c.add(columns[i]+"product", w.Product, product)
			}
		} else if mapped != "" && mapped != w.Price {
			c.add(columns[i]+"price", w.Price, mapped)
		} else {
			here, there := c.priceTerms(w.Price, of.Price, s.Currency)
			if mapped != "" || w.Price == of.Price.ID {
				c.add(columns[i]+"price", w.Price, w.Price)
			} else if here == "" {
				c.add(columns[i]+"price", w.Price, of.Price.ID)
			}
			if here != "" { // what counts is what is charged
				c.addTerms(columns[i]+"price.terms", convert.KindPrice, w.Price, here, of.Price.ID, there)
			}
		}
		quantity := w.Quantity.String()
		if !w.Quantity.Set && of.Quantity != nil {
			quantity = "1"
		}
		c.add(columns[i]+"quantity", quantity, of.quantity())
	}
	for _, e := range extra {
		c.add("items", "", strings.TrimSpace(e.Price.ID+" x "+e.quantity()))
	}
}

// sameSource tells whether an item of the source is the one that became an item of the row.
func (c *comparison) sameSource(w schedule.Item, f itemObject, currency string) bool {
	if w.Price == "" {
		return w.Money.String() == f.Price.amount() && w.Interval == f.Price.cycle()
	}
	if mapped := c.to.Get(convert.KindPrice, f.Price.ID); mapped != "" {
		return mapped == w.Price
	}
	here, there := c.priceTerms(w.Price, f.Price, currency)
	return w.Price == f.Price.ID || here != "" && here == there
}

// sourceCoupon compares the coupons. The row's may be one with the remaining months of the source's, which export names
// after it.
func (c *comparison) sourceCoupon(s *subscriptionObject, id string) {
	want := c.planned.Terms().Coupon
	found, duration := s.coupon()
	source, remainder := found, false
	if s.Discount != nil && !s.Discount.End.IsBlank() && s.Discount.End <= takesOver(c.planned) {
		found = "" // it ends before the new one begins
	}
	if mapped := c.to.Get(convert.KindCoupon, found); mapped != "" {
		found = mapped
	}
	if rest, ok := strings.CutPrefix(want, found+"-"); ok && duration == "repeating" && strings.HasSuffix(rest, "m") {
		found, remainder = want, true
	}
	if want != "" && found == want {
		c.couponTerms(s, want, source, remainder)
	}
	if slices.Contains(strings.Split(found, ","), want) && want != "" { // one of several: the format takes one
		found = want
	}
	for _, state := range []string{"customer_discount", "discount_runs_out", "discounts"} {
		switch word, _ := c.decided(id, state); {
		case word == "", word == "skip", word == "remainder":
		case word == "none" && want == "", word == "restart":
			found = want
		case strings.HasPrefix(word, "coupon:"):
			if coupon := strings.TrimPrefix(word, "coupon:"); want == coupon || want == c.to.Get(convert.KindCoupon, coupon) {
				found = want
			}
		}
	}
	c.add("discount", want, found)
}

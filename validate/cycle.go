package validate

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/period"
)

// firstEnd is when the first billing period of a row ends. Where the interval is not known it lies between the
// shortest and the longest period there is.
//
// Source: the longest interval of a price is three years (docs.stripe.com/api/prices), the shortest a day.
type firstEnd struct {
	from, to csvspec.Timestamp
	cycle    period.Cycle // when known
	done     bool
}

func (e firstEnd) known() bool { return e.from == e.to }

// maybe tells whether t could be the very end.
func (e firstEnd) maybe(t csvspec.Timestamp) bool { return e.from <= t && t <= e.to }

// firstEnd returns the end of the row's first billing period.
func (c *Check) firstEnd() firstEnd {
	if c.end.done {
		return c.end
	}
	start := c.Row.StartDate
	c.end = firstEnd{done: true}
	if cycle, ok := c.cycle(); ok {
		end := cycle.Next(start)
		c.end.from, c.end.to, c.end.cycle = end, end, cycle
		return c.end
	}
	c.end.from = period.Cycle{Interval: "day", Count: 1}.Next(start)
	c.end.to = period.Cycle{Interval: "year", Count: 3}.Next(start)
	return c.end
}

// cycle returns how often the row is billed, when that is known: ad-hoc items say it, prices only with the account.
func (c *Check) cycle() (period.Cycle, bool) {
	for i := range c.Row.AdhocItems {
		cycle := period.Cycle{Interval: c.Row.AdhocItems[i].Interval, Count: 1}
		if cycle.Valid() {
			return cycle, true
		}
	}
	if cycle, ok := c.priceCycle(c.Row.Price); ok {
		return cycle, true
	}
	for i := range c.Row.Items {
		if cycle, ok := c.priceCycle(c.Row.Items[i].Price); ok {
			return cycle, true
		}
	}
	return period.Cycle{}, false
}

func (c *Check) priceCycle(id string) (period.Cycle, bool) {
	if id == "" || c.v.known&dataPrices == 0 {
		return period.Cycle{}, false
	}
	price, ok := c.v.opts.Account.Prices[id]
	cycle := period.Cycle{Interval: price.Interval, Count: max(price.IntervalCount, 1)}
	return cycle, ok && cycle.Valid()
}

// begun tells whether the row has no start, or one in the past. That is the mistake then; where its trial and its
// anchor lie can be told only from the right start.
func (c *Check) begun() bool { return c.Row.StartDate.IsBlank() || c.Row.StartDate < c.v.now }

// trialTooLate tells whether the trial is sure to end after the first billing period, or with it.
func (c *Check) trialTooLate() bool {
	end, trial := c.firstEnd(), c.Row.TrialEnd
	return trial > end.to || end.known() && trial == end.to
}

// proration returns whether the row says none, and whether what it says can be understood at all.
func (c *Check) proration() (none, clear bool) {
	switch c.Row.ProrationBehavior {
	case "none":
		return true, true
	case "", "create_prorations":
		return false, true
	}
	return false, false
}

// bridged tells whether the row is free until its anchor: the trial bridge of a row that is in the middle of a
// period. The second result is false while only the account could tell.
func (c *Check) bridged() (yes, known bool) {
	r := c.Row
	none, _ := c.proration()
	if r.BillingCycleAnchor <= r.StartDate || !none || r.TrialEnd >= r.BillingCycleAnchor {
		return false, true
	}
	end := c.firstEnd()
	switch {
	case r.BillingCycleAnchor < end.from:
		return true, true
	case end.known() || r.BillingCycleAnchor > end.to:
		return false, true
	}
	return false, false
}

func (c *Check) prorationInWords() string {
	if c.Row.ProrationBehavior == "" {
		return "proration_behavior is blank, which means create_prorations"
	}
	return "proration_behavior is create_prorations"
}

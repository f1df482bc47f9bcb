package verify

import (
	"slices"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate/account"
	"github.com/subferry/subferry/validate/convert"
	"github.com/subferry/subferry/validate/period"
)

// Value is one field that was compared: what the row asks for, and what there is. Moments are in RFC 3339, amounts in full
// units with their currency.
type Value struct {
	Side     Side   `json:"side"`
	Field    string `json:"field"`
	Expected string `json:"expected"`
	Found    string `json:"found"`
}

// Side is where a field was read.
type Side string

// The sides.
const (
	Destination Side = "destination" // the account that the migration was run in
	Source      Side = "source"      // the account that the subscription comes from
)

// comparison compares what one row asks for with what was found.
type comparison struct {
	row      *csvspec.Row
	planned  *schedule.Planned // with the row's tag
	currency string            // of the subscription; "" when it is not known
	now      csvspec.Timestamp
	customer string
	side     Side
	values   []Value
	decided  func(subscription, state string) (word string, own bool) // Options.Decided
	began    csvspec.Timestamp                                        // when the migration was run
	to       convert.Map                                              // Options.Map
	facts    *account.Account                                         // of the destination
	there    *account.Account                                         // of the source; nil when that was not read
}

func (c *comparison) add(field, expected, found string) {
	c.values = append(c.values, Value{c.side, field, expected, found})
}

// addMoment compares moments.
func (c *comparison) addMoment(field string, expected, found csvspec.Timestamp) {
	c.add(field, expected.String(), found.String())
}

// withSchedule compares the row with a schedule that has not started.
func (c *comparison) withSchedule(s *scheduleObject) {
	want := &c.planned.Schedule
	c.add("customer", want.Customer, string(s.Customer))
	if s.Status != "not_started" {
		c.add("status", "not_started", s.Status)
		return
	}
	c.add("end_behavior", want.EndBehavior, s.EndBehavior)
	c.metadata("metadata", want.Metadata, s.Metadata)
	if len(s.Phases) != 1 {
		c.add("phases", "1", csvspec.Of(int64(len(s.Phases))).String())
		if len(s.Phases) == 0 {
			return
		}
	}
	c.withPhase(&want.Phase, &s.Phases[0])
	c.add("default_settings.collection_method", collection(want.Phase.CollectionMethod), collection(s.Defaults.CollectionMethod))
	c.add("default_settings.automatic_tax", yesNo(want.Phase.AutomaticTax), yesNo(s.Defaults.AutomaticTax.Enabled))
	c.add("default_settings.days_until_due", want.Phase.DaysUntilDue.String(), optional(s.Defaults.Invoices.DaysUntilDue))
}

// withPhase compares the row with the only phase of its schedule.
func (c *comparison) withPhase(want *schedule.Phase, p *phaseObject) {
	c.addMoment("start_date", c.planned.Schedule.StartDate, p.StartDate)
	end := want.EndDate
	if end.IsBlank() && c.planned.Cycle.Valid() {
		end = c.planned.Cycle.Nth(c.planned.Schedule.StartDate, want.Iterations)
	}
	if !end.IsBlank() { // of a price that is gone, the interval is not known
		c.addMoment("end_date", end, p.EndDate)
	}
	trial := want.TrialEnd
	if want.Trial {
		trial = end
	}
	c.addMoment("trial_end", trial, p.TrialEnd)
	c.items(p.Items)
	c.oneOffs(p.OneOffs)
	proration := want.ProrationBehavior
	if proration == "" {
		proration = "create_prorations"
	}
	c.add("proration_behavior", proration, p.ProrationBehavior)
	c.add("collection_method", collection(want.CollectionMethod), collection(p.CollectionMethod))
	days := (*int64)(nil)
	if p.Invoices != nil {
		days = p.Invoices.DaysUntilDue
	}
	c.add("days_until_due", want.DaysUntilDue.String(), optional(days))
	c.add("automatic_tax", yesNo(want.AutomaticTax), yesNo(p.AutomaticTax != nil && p.AutomaticTax.Enabled))
	c.add("default_tax_rate", want.DefaultTaxRate, joinRefs(p.TaxRates))
	c.add("coupon", want.Coupon, string(p.Coupon))
	if c.currency != "" {
		c.add("currency", c.currency, p.Currency)
	}
	c.metadata("phase.metadata", want.Metadata, p.Metadata)
}

// withSubscription compares the row with its subscription: the one that its schedule has started, or the direct one.
func (c *comparison) withSubscription(s *subscriptionObject) {
	terms := c.planned.Terms()
	c.add("customer", c.planned.Customer(), string(s.Customer))
	end, ends := c.end()
	if over := ends && !end.IsBlank() && end <= c.now; s.ended() && !over || s.Status == "unpaid" || s.Status == "paused" || s.Status == "incomplete" {
		c.add("status", "active", s.Status)
	} else {
		c.add("status", s.Status, s.Status)
	}
	c.dates(s)
	switch found := s.CancelAt; {
	case ends && found.IsBlank() && s.CancelAtPeriodEnd && s.periodEnd() == end, s.ended() && ends: // as asked
		c.addMoment("ends", end, end)
	case ends && end.IsBlank():
	case s.CancelAtPeriodEnd:
		c.addMoment("ends", end, s.periodEnd())
	default:
		c.addMoment("ends", end, found)
	}
	c.items(s.Items.Data)
	c.add("collection_method", collection(terms.CollectionMethod), collection(s.CollectionMethod))
	c.add("days_until_due", terms.DaysUntilDue.String(), optional(s.DaysUntilDue))
	c.add("automatic_tax", yesNo(terms.AutomaticTax), yesNo(s.AutomaticTax.Enabled))
	c.add("default_tax_rate", terms.DefaultTaxRate, joinRefs(s.TaxRates))
	if c.currency != "" {
		c.add("currency", c.currency, s.Currency)
	}
	c.metadata("metadata", terms.Metadata, s.Metadata)
}

// dates compares when a subscription began, how long it is free, and when it bills.
func (c *comparison) dates(s *subscriptionObject) {
	if d := c.planned.Subscription; d != nil {
		if !d.BackdateStartDate.IsBlank() {
			c.addMoment("backdate_start_date", d.BackdateStartDate, s.StartDate)
		}
		c.addMoment("trial_end", d.TrialEnd, s.TrialEnd)
		if !d.BillingCycleAnchor.IsBlank() {
			c.addMoment("billing_cycle_anchor", d.BillingCycleAnchor, s.Anchor)
		}
		return
	}
	phase := &c.planned.Schedule.Phase
	free := phase.TrialEnd
	if phase.Trial {
		free, _ = c.end()
	}
	c.addMoment("start_date", c.planned.Schedule.StartDate, s.StartDate)
	c.addMoment("trial_end", free, s.TrialEnd)
	c.addMoment("billing_cycle_anchor", max(c.planned.Schedule.StartDate, free), s.Anchor)
}

// end returns when the subscription is to end; false when it goes on. A blank moment is not known.
func (c *comparison) end() (csvspec.Timestamp, bool) {
	if d := c.planned.Subscription; d != nil {
		return d.CancelAt, !d.CancelAt.IsBlank()
	}
	s := &c.planned.Schedule
	switch {
	case s.EndBehavior != schedule.EndCancel:
		return 0, false
	case !s.Phase.EndDate.IsBlank():
		return s.Phase.EndDate, true
	case c.planned.Cycle.Valid():
		return c.planned.Cycle.Nth(s.StartDate, s.Phase.Iterations), true
	}
	return 0, true
}

// coupon compares the coupon of a live subscription. One for once is gone when it was used, and one for some months when
// they are over: then there is nothing to compare. The months count from the start, or from when a direct subscription was
// created. known is the coupon as the account has it.
func (c *comparison) coupon(s *subscriptionObject, known account.Coupon) {
	want := c.planned.Terms().Coupon
	found, _ := s.coupon()
	over := csvspec.Timestamp(0) // blank is never
	switch known.Duration {
	case "once":
		over = c.planned.FirstCharge
	case "repeating":
		from := c.planned.StartDate
		if c.planned.IsDirect() {
			from = s.Created
		}
		over = period.Cycle{Interval: "month", Count: known.DurationInMonths}.Next(from)
	}
	if want != "" && found == "" && !over.IsBlank() && over <= c.now {
		found = want
	}
	c.add("coupon", want, found)
}

// metadata compares the keys that the row asks for; others may be there as well.
func (c *comparison) metadata(under string, want csvspec.Metadata, found map[string]string) {
	for _, kv := range want {
		c.add(under+"."+kv.Key, kv.Value, found[kv.Key])
	}
}

// items compares what is sold in every period. Stripe may show items in another order.
func (c *comparison) items(found []itemObject) {
	want, columns := c.planned.Terms().Items, itemColumns(c.row)
	pairs, extra := match(len(want), found, func(i int, f itemObject) bool { return sells(want[i], f) })
	for i, w := range want {
		of := pairs[i]
		if of == nil {
			c.add(columns[i]+pricePart(w), itemWords(w), "")
			continue
		}
		quantity := w.Quantity.String()
		if !w.Quantity.Set && of.Quantity != nil { // the price could not be looked up; Stripe's default is 1
			quantity = "1"
		}
		if w.Price != "" {
			c.add(columns[i]+"price", w.Price, of.Price.ID)
		} else {
			c.add(columns[i]+"amount", w.Money.String(), of.Price.amount())
			c.add(columns[i]+"product", w.Product, string(of.Price.Product))
			c.add(columns[i]+"interval", w.Interval, of.Price.cycle())
			c.add(columns[i]+"currency", w.Money.Currency, of.Price.Currency)
		}
		c.add(columns[i]+"quantity", quantity, of.quantity())
	}
	for _, e := range extra {
		c.add("items", "", strings.TrimSpace(e.Price.ID+" x "+e.quantity()))
	}
}

// oneOffs compares what is charged once.
func (c *comparison) oneOffs(found []itemObject) {
	want := c.planned.Schedule.Phase.InvoiceItems
	pairs, extra := match(len(want), found, func(i int, f itemObject) bool {
		return want[i].Product == string(f.Price.Product) && want[i].Money.String() == f.Price.amount()
	})
	at := columnIndexes(len(c.row.AddInvoiceItems), func(i int) bool { return !c.row.AddInvoiceItems[i].IsBlank() })
	for i, w := range want {
		column := "add_invoice_items." + csvspec.Of(int64(at[i])).String() + "."
		if pairs[i] == nil {
			c.add(column+"amount", w.Money.String(), "")
			continue
		}
		c.add(column+"amount", w.Money.String(), pairs[i].Price.amount())
		c.add(column+"product", w.Product, string(pairs[i].Price.Product))
		if q := pairs[i].Quantity; q != nil && *q != 1 {
			c.add(column+"quantity", "1", pairs[i].quantity())
		}
	}
	for _, e := range extra {
		c.add("add_invoice_items", "", e.Price.amount())
	}
}

// match gives each thing that is wanted one that was found: first those that are the same, then, in order, the others.
func match(wanted int, found []itemObject, same func(int, itemObject) bool) (pairs []*itemObject, extra []itemObject) {
	pairs, extra = make([]*itemObject, wanted), slices.Clone(found)
	for _, fits := range []func(int, itemObject) bool{same, func(int, itemObject) bool { return true }} {
		for i := range pairs {
			at := slices.IndexFunc(extra, func(f itemObject) bool { return fits(i, f) })
			if pairs[i] == nil && at >= 0 {
				one := extra[at]
				pairs[i], extra = &one, slices.Delete(extra, at, at+1)
			}
		}
	}
	return pairs, extra
}

// sells tells whether an item is the one that the row asks for, whatever its quantity.
func sells(w schedule.Item, f itemObject) bool {
	if w.Price != "" {
		return w.Price == f.Price.ID
	}
	return w.Product == string(f.Price.Product) && w.Money.String() == f.Price.amount() && w.Interval == f.Price.cycle()
}

// itemColumns returns the beginning of the columns that each of a row's items stands in.
func itemColumns(row *csvspec.Row) (columns []string) {
	if row.Price != "" {
		columns = append(columns, "")
	}
	for _, i := range columnIndexes(len(row.Items), func(i int) bool { return !row.Items[i].IsBlank() }) {
		columns = append(columns, "items."+csvspec.Of(int64(i)).String()+".")
	}
	for _, i := range columnIndexes(len(row.AdhocItems), func(i int) bool { return !row.AdhocItems[i].IsBlank() }) {
		columns = append(columns, "adhoc_items."+csvspec.Of(int64(i)).String()+".")
	}
	return columns
}

func columnIndexes(n int, stated func(int) bool) (all []int) {
	for i := range n {
		if stated(i) {
			all = append(all, i)
		}
	}
	return all
}

func pricePart(i schedule.Item) string {
	if i.Price != "" {
		return "price"
	}
	return "amount"
}

func itemWords(i schedule.Item) string {
	if i.Price != "" {
		return i.Price
	}
	return i.Money.String()
}

// collection is the method by which a subscription is paid; Stripe's default is to charge.
func collection(method string) string {
	if method == "" {
		return "charge_automatically"
	}
	return method
}

func yesNo(yes bool) string {
	if yes {
		return "true"
	}
	return "false"
}

func optional(n *int64) string {
	if n == nil {
		return ""
	}
	return csvspec.Of(*n).String()
}

package api

import (
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// Stripe's limits on schedules.
const (
	mostPhases       = 10
	mostItems        = 20
	mostInvoiceItems = 20
	mostPerCustomer  = 500
)

func createSchedule(c *call) (any, error) {
	p := c.params
	customer, err := c.scheduleCustomer()
	if err != nil {
		return nil, err
	}
	c.tx.EnterClock(customer.TestClock)
	start, err := c.startDate()
	if err != nil {
		return nil, err
	}
	o := &object.Schedule{
		ID:        c.tx.Store.IDs.Next("sub_sched"),
		Object:    "subscription_schedule",
		Created:   c.tx.Now,
		Customer:  customer.ID,
		Status:    object.ScheduleNotStarted,
		TestClock: customer.TestClock,
	}
	if o.EndBehavior, err = endBehavior(p); err != nil {
		return nil, err
	}
	if o.DefaultSettings, err = c.scheduleDefaults(p.Get("default_settings"), customer.ID); err != nil {
		return nil, err
	}
	if o.Phases, err = c.phases(p, start, &o.DefaultSettings, customer.ID, ""); err != nil {
		return nil, err
	}
	if err := c.oneCurrency(customer, o.Phases[0].Currency, ""); err != nil {
		return nil, err
	}
	if err := taxable(customer, slices.ContainsFunc(o.Phases, func(p object.Phase) bool { return p.AutomaticTax.Enabled })); err != nil {
		return nil, err
	}
	if o.Metadata, err = metadata(nil, p, "metadata"); err != nil {
		return nil, err
	}
	c.tx.Schedules.Put(o)
	store.Emit(c.tx, "subscription_schedule.created", o)
	if start <= c.tx.Now {
		engine.StartSchedule(c.tx, o)
	}
	return o, nil
}

func (c *call) scheduleCustomer() (*object.Customer, error) {
	if !c.params.Has("customer") {
		return nil, apierr.Missing("customer")
	}
	if !c.params.Has("phases") {
		return nil, apierr.Missing("phases")
	}
	customer, err := lookup(c, &c.tx.Customers, "customer", c.params.String("customer"), "customer")
	if err != nil {
		return nil, err
	}
	if currentSubscriptions(c.tx.Store, customer.ID) >= mostPerCustomer {
		return nil, apierr.Coded("customer_max_subscriptions", "customer", "Customer %s already has the maximum %d current subscriptions.", customer.ID, mostPerCustomer)
	}
	return customer, nil
}

// currentSubscriptions counts what Stripe limits: subscriptions that are not over, and schedules that have not become
// one yet.
func currentSubscriptions(s *store.Store, customer string) int {
	count := 0
	for _, one := range s.Schedules.Of(customer) {
		if one.Status == object.ScheduleNotStarted {
			count++
		}
	}
	for _, one := range s.Subscriptions.Of(customer) {
		if !one.Ended() {
			count++
		}
	}
	return count
}

func (c *call) startDate() (int64, error) {
	if !c.params.Has("start_date") || c.params.String("start_date") == "now" {
		return c.tx.Now, nil
	}
	start, _ := c.params.Int("start_date")
	if start < c.tx.Now {
		return 0, apierr.Invalid("start_date", "The sandbox does not imitate a start_date in the past (Stripe would start and bill the subscription at once). It got %d and its clock says %d.", start, c.tx.Now)
	}
	return start, nil
}

// endBehavior is release unless said otherwise. Stripe still lists none and renew, which its documentation calls
// removed.
func endBehavior(p *form.Node) (string, error) {
	switch behavior := p.String("end_behavior"); behavior {
	case "":
		return "release", nil
	case "none", "renew":
		return "", apierr.Invalid("end_behavior", "The sandbox does not imitate end_behavior=%s; use release or cancel.", behavior)
	default:
		return behavior, nil
	}
}

func (c *call) scheduleDefaults(p *form.Node, customer string) (object.ScheduleDefaults, error) {
	d := object.ScheduleDefaults{
		BillingCycleAnchor: "automatic",
		CollectionMethod:   "charge_automatically",
		InvoiceSettings:    object.ScheduleInvoices{Issuer: object.Issuer{Type: "self"}},
	}
	if p == nil {
		return d, nil
	}
	if p.Has("billing_cycle_anchor") {
		d.BillingCycleAnchor = p.String("billing_cycle_anchor")
	}
	setText(&d.CollectionMethod, p, "collection_method")
	setText(&d.Description, p, "description")
	d.AutomaticTax.Enabled = p.Get("automatic_tax").Bool("enabled")
	if id := p.String("default_payment_method"); id != "" {
		var err error
		if d.DefaultPaymentMethod, err = c.ownMethod(id, customer, p.PathOf("default_payment_method")); err != nil {
			return d, err
		}
	}
	days, err := daysUntilDue(p, string(d.CollectionMethod))
	d.InvoiceSettings.DaysUntilDue = days
	if err == nil && days == nil && d.CollectionMethod == "send_invoice" {
		err = missingDays(p)
	}
	return d, err
}

// daysUntilDue reads invoice_settings.days_until_due beside a collection method.
func daysUntilDue(p *form.Node, collection string) (*int64, error) {
	settings := p.Get("invoice_settings")
	days := number(settings, "days_until_due")
	switch {
	case days == nil:
		return nil, nil
	case collection != "send_invoice":
		return nil, apierr.Invalid(settings.PathOf("days_until_due"), "You can only set `days_until_due` when `collection_method` is `send_invoice`.")
	}
	return days, limited(settings, "days_until_due", 0, mostDueDays)
}

func missingDays(p *form.Node) error {
	path := p.PathOf("invoice_settings") + "[days_until_due]"
	return apierr.Coded("parameter_missing", path, "You must set `%s` when `collection_method` is `send_invoice`.", path)
}

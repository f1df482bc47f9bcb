package api

import (
	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/billing"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// phases reads the phases of a schedule that starts at a time. had is the currency of a schedule that is updated.
func (c *call) phases(p *form.Node, start int64, defaults *object.ScheduleDefaults, customer, had string) (object.Array[object.Phase], error) {
	sent := p.List("phases")
	if len(sent) > mostPhases {
		return nil, apierr.Invalid("phases", "A subscription schedule can have at most %d phases; this one has %d.", mostPhases, len(sent))
	}
	var phases object.Array[object.Phase]
	for _, one := range sent {
		if at, sent := one.Int("start_date"); sent && at != start {
			return nil, apierr.Invalid(one.PathOf("start_date"), "A phase must begin where the one before it ends: at %d.", start)
		}
		phase, err := c.phase(one, start, defaults, customer, had)
		if err != nil {
			return nil, err
		}
		if err := follows(phases, phase, one); err != nil {
			return nil, err
		}
		if err := c.phaseProration(phases, phase, one, defaults, customer); err != nil {
			return nil, err
		}
		phases = append(phases, *phase)
		start = phase.EndDate
	}
	return phases, nil
}

// follows checks a phase against the ones before it.
func follows(before []object.Phase, phase *object.Phase, p *form.Node) error {
	switch {
	case len(before) == 0:
		return nil
	case before[0].Currency != phase.Currency:
		return apierr.Invalid(p.PathOf("currency"), "All phases of a subscription schedule must have the same currency. Found %s and %s.", before[0].Currency, phase.Currency)
	case phase.TrialEnd != 0:
		return apierr.Invalid(p.PathOf("trial_end"), "The sandbox does not imitate a trial in a phase after the first.")
	}
	return nil
}

func (c *call) phase(p *form.Node, start int64, defaults *object.ScheduleDefaults, customer, had string) (*object.Phase, error) {
	o := &object.Phase{
		StartDate:          start,
		AutomaticTax:       &object.AutomaticTax{Enabled: defaults.AutomaticTax.Enabled},
		BillingCycleAnchor: text(p, "billing_cycle_anchor"),
		Description:        text(p, "description"),
		ProrationBehavior:  "create_prorations",
	}
	if p.Has("proration_behavior") {
		o.ProrationBehavior = p.String("proration_behavior")
	}
	if p.Has("automatic_tax") {
		o.AutomaticTax.Enabled = p.Get("automatic_tax").Bool("enabled")
	}
	interval, chosen, err := c.phaseItems(o, p, had)
	if err != nil {
		return nil, err
	}
	if id := p.String("default_payment_method"); id != "" {
		if o.DefaultPaymentMethod, err = c.ownMethod(id, customer, p.PathOf("default_payment_method")); err != nil {
			return nil, err
		}
	}
	for _, set := range []func(*object.Phase, *form.Node) error{
		func(o *object.Phase, p *form.Node) error { return c.phaseDates(o, p, interval) },
		func(o *object.Phase, p *form.Node) error { return phaseCollection(o, p, defaults) },
		c.phaseTaxes,
		c.phaseCoupon,
		func(o *object.Phase, p *form.Node) error { return c.phaseInvoiceItems(o, p, chosen) },
	} {
		if err := set(o, p); err != nil {
			return nil, err
		}
	}
	o.Metadata, err = metadata(nil, p, "metadata")
	return o, err
}

// phaseDates sets when a phase and its trial end.
func (c *call) phaseDates(o *object.Phase, p *form.Node, interval billing.Interval) error {
	if p.Has("iterations") && p.Has("end_date") {
		return apierr.Coded("parameters_exclusive", p.PathOf("iterations"), "You may only specify one of these parameters: iterations, end_date.")
	}
	iterations := p.IntOr("iterations", 1)
	if err := limited(p, "iterations", 1, mostIterations); err != nil {
		return err
	}
	o.EndDate = timeOr(p, "end_date", interval.Add(o.StartDate, iterations), c.tx.Now)
	if o.EndDate <= o.StartDate {
		return apierr.Invalid(p.PathOf("end_date"), "The phase's end_date (%d) must be after its start_date (%d).", o.EndDate, o.StartDate)
	}
	return c.phaseTrial(o, p)
}

func (c *call) phaseTrial(o *object.Phase, p *form.Node) error {
	if p.Bool("trial") {
		if p.Has("trial_end") {
			return apierr.Coded("parameters_exclusive", p.PathOf("trial"), "You may only specify one of these parameters: trial, trial_end.")
		}
		o.TrialEnd = object.Stamp(o.EndDate)
		return nil
	}
	if !p.Has("trial_end") {
		return nil
	}
	end := timeOr(p, "trial_end", 0, c.tx.Now)
	if end <= o.StartDate || end > o.EndDate {
		return apierr.Invalid(p.PathOf("trial_end"), "The trial_end (%d) must be after the phase's start_date (%d) and not after its end_date (%d).", end, o.StartDate, o.EndDate)
	}
	o.TrialEnd = object.Stamp(end)
	return nil
}

func phaseCollection(o *object.Phase, p *form.Node, defaults *object.ScheduleDefaults) error {
	o.CollectionMethod = text(p, "collection_method")
	effective := o.CollectionMethod
	if effective == "" {
		effective = defaults.CollectionMethod
	}
	days, err := daysUntilDue(p, string(effective))
	if err != nil {
		return err
	}
	if days != nil {
		o.InvoiceSettings = &object.PhaseInvoices{DaysUntilDue: days}
	}
	if effective == "send_invoice" && days == nil && defaults.InvoiceSettings.DaysUntilDue == nil {
		return missingDays(p)
	}
	return nil
}

func (c *call) phaseTaxes(o *object.Phase, p *form.Node) error {
	rates, err := c.taxRateList(p, "default_tax_rates")
	if err != nil {
		return err
	}
	if len(rates) > 0 && o.AutomaticTax.Enabled {
		return apierr.Invalid(p.PathOf("default_tax_rates"), "You cannot set `default_tax_rates` while `automatic_tax` is enabled.")
	}
	o.DefaultTaxRates = rates
	for i, item := range o.Items {
		price, one := c.tx.Prices.Get(item.Price), p.List("items")[i]
		if err := c.taxBehaviorKnown(o, price, one.Path); err != nil {
			return err
		}
		if err := matchingBehavior(price, o.Currency, rates, p.PathOf("default_tax_rates")); err != nil {
			return err
		}
		if err := ownRates(o, price, item.TaxRates, one.PathOf("tax_rates")); err != nil {
			return err
		}
	}
	return nil
}

// ownRates checks the tax rates of one item or one-off.
func ownRates(o *object.Phase, price *object.Price, rates []*object.TaxRate, param string) error {
	if len(rates) > 0 && o.AutomaticTax.Enabled {
		return apierr.Invalid(param, "You cannot set `tax_rates` while `automatic_tax` is enabled.")
	}
	return matchingBehavior(price, o.Currency, rates, param)
}

// taxRateList looks up a list of tax rate IDs.
func (c *call) taxRateList(p *form.Node, name string) ([]*object.TaxRate, error) {
	var rates []*object.TaxRate
	for _, element := range p.List(name) {
		rate, err := lookup(c, &c.tx.TaxRates, "tax rate", element.Text, element.Path)
		if err != nil {
			return nil, err
		}
		if !rate.Active {
			return nil, apierr.Invalid(element.Path, "The tax rate %s is archived and cannot be applied to new subscriptions.", rate.ID)
		}
		rates = append(rates, rate)
	}
	return rates, nil
}

// matchingBehavior refuses an exclusive tax rate on an inclusive price and the reverse; an unspecified price takes
// either.
func matchingBehavior(price *object.Price, code string, rates []*object.TaxRate, param string) error {
	stated := behaviorIn(price, code)
	for _, rate := range rates {
		behavior := "exclusive"
		if rate.Inclusive {
			behavior = "inclusive"
		}
		if stated != "unspecified" && stated != behavior {
			return apierr.Invalid(param, "The tax rate %s is %s, but the tax_behavior of price %s is %s. They must match.", rate.ID, behavior, price.ID, stated)
		}
	}
	return nil
}

func (c *call) phaseCoupon(o *object.Phase, p *form.Node) error {
	if !p.Has("coupon") {
		return nil
	}
	param := p.PathOf("coupon")
	coupon, err := lookup(c, &c.tx.Coupons, "coupon", p.String("coupon"), param)
	if err != nil {
		return err
	}
	if err := redeemable(coupon, c.tx.Now, param); err != nil {
		return err
	}
	if !engine.DiscountsIn(coupon, o.Currency) {
		return apierr.Invalid(param, "The coupon %s takes an amount off in %s and cannot be applied to a subscription in %s.", coupon.ID, ListedCurrencies(coupon), o.Currency)
	}
	o.Coupon = object.Text(coupon.ID)
	return nil
}

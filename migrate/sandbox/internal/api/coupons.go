package api

import (
	"maps"
	"slices"
	"strings"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

var couponRoutes = map[string]handler{
	"GET /v1/coupons":             listCoupons,
	"POST /v1/coupons":            createCoupon,
	"GET /v1/coupons/{coupon}":    retrieveCoupon,
	"POST /v1/coupons/{coupon}":   updateCoupon,
	"DELETE /v1/coupons/{coupon}": deleteCoupon,
}

func listCoupons(c *call) (any, error) {
	found, err := page(c, c.tx.Store.Coupons, "coupon", "", func(o *object.Coupon) bool {
		return within(c.params, "created", o.Created)
	})
	if err != nil {
		return nil, err
	}
	list := found.(*object.List[*object.Coupon])
	for i, o := range list.Data {
		list.Data[i] = couponAt(o, c.tx.Now)
	}
	return list, nil
}

func createCoupon(c *call) (any, error) {
	id := c.params.String("id")
	if id == "" {
		id = c.tx.Store.IDs.Bare()
	} else if c.tx.Coupons.Get(id) != nil {
		return nil, apierr.Coded("resource_already_exists", "id", "Coupon already exists.")
	}
	o := object.NewCoupon(id, c.tx.Now)
	if err := c.setCoupon(o, c.params); err != nil {
		return nil, err
	}
	c.tx.Coupons.Put(o)
	store.Emit(c.tx, "coupon.created", o)
	return o, nil
}

func (c *call) setCoupon(o *object.Coupon, p *form.Node) error {
	if p.Has("duration") {
		o.Duration = p.String("duration")
	}
	if err := c.setDiscounted(o, p); err != nil {
		return err
	}
	o.DurationInMonths = number(p, "duration_in_months")
	if (o.Duration == "repeating") != (o.DurationInMonths != nil) {
		return apierr.Invalid("duration_in_months", "You must pass duration_in_months when, and only when, duration is repeating.")
	}
	if err := limited(p, "duration_in_months", 1, MostMonths); err != nil {
		return err
	}
	o.MaxRedemptions = number(p, "max_redemptions")
	o.RedeemBy = object.Stamp(p.IntOr("redeem_by", 0))
	if o.RedeemBy != 0 && int64(o.RedeemBy) <= c.tx.Now {
		return apierr.Invalid("redeem_by", "redeem_by must be in the future.")
	}
	o.Name = text(p, "name")
	if limited := p.Get("applies_to"); limited != nil {
		o.AppliesTo = &object.AppliesTo{Products: texts(limited, "products")}
	}
	var err error
	o.Metadata, err = metadata(o.Metadata, p, "metadata")
	return err
}

// setDiscounted sets what is taken off: a percentage, or an amount with its currency, never both.
func (c *call) setDiscounted(o *object.Coupon, p *form.Node) error {
	if p.Has("percent_off") == p.Has("amount_off") {
		return apierr.Invalid("percent_off", "You must pass either percent_off or amount_off, and not both.")
	}
	if p.Has("percent_off") {
		if p.Has("currency_options") {
			return apierr.Invalid("currency_options", "currency_options may only be set for a coupon with amount_off.")
		}
		percent, err := object.ParsePercent(p.String("percent_off"))
		if err != nil || percent <= 0 || percent > 100*object.PercentUnit {
			return apierr.Invalid("percent_off", "Invalid percent_off: must be greater than 0 and at most 100.")
		}
		o.PercentOff = &percent
		return nil
	}
	amount, _ := p.Int("amount_off")
	if amount <= 0 {
		return apierr.Coded("parameter_invalid_integer", "amount_off", "This value must be greater than or equal to 1.")
	}
	if !p.Has("currency") {
		return apierr.Missing("currency")
	}
	code, err := currency(p, "currency")
	if err != nil {
		return err
	}
	o.AmountOff, o.Currency = &amount, object.Text(code)
	if err := amountLimit(amount, "amount_off"); err != nil {
		return err
	}
	return setCouponOptions(o, p.Get("currency_options"))
}

// setCouponOptions reads what a coupon takes off in other currencies.
func setCouponOptions(o *object.Coupon, p *form.Node) error {
	if p == nil {
		return nil
	}
	options := map[string]object.CouponCurrencyOption{}
	for _, one := range p.Fields {
		code := strings.ToLower(one.Name)
		if !engine.KnownCurrency(code) || code == string(o.Currency) {
			return apierr.Invalid(one.Path, "Invalid currency: %s. It must be a currency Stripe supports, and not the coupon's own.", one.Name)
		}
		for _, f := range one.Fields {
			if f.Name != "amount_off" {
				return apierr.Unknown([]string{f.Path})
			}
		}
		amount, _ := one.Int("amount_off")
		if amount <= 0 {
			return apierr.Coded("parameter_invalid_integer", one.PathOf("amount_off"), "This value must be greater than or equal to 1.")
		}
		if err := amountLimit(amount, one.PathOf("amount_off")); err != nil {
			return err
		}
		options[code] = object.CouponCurrencyOption{AmountOff: amount}
	}
	o.CurrencyOptions = options
	return nil
}

// ListedCurrencies are the currencies for which a coupon states an amount.
func ListedCurrencies(o *object.Coupon) string {
	codes := append(slices.Sorted(maps.Keys(o.CurrencyOptions)), string(o.Currency))
	slices.Sort(codes)
	return listed(slices.Compact(codes))
}

func retrieveCoupon(c *call) (any, error) {
	o, err := retrieved(c, &c.tx.Coupons, "coupon", "coupon")
	if err != nil {
		return nil, err
	}
	return couponAt(o, c.tx.Now), nil
}

// couponAt is a coupon as it is at a time: time alone makes one invalid.
func couponAt(o *object.Coupon, now int64) *object.Coupon {
	if valid := engine.WhyUsedUp(o, now) == ""; valid != o.Valid {
		changed := *o
		changed.Valid = valid
		return &changed
	}
	return o
}

func updateCoupon(c *call) (any, error) {
	if _, err := retrieved(c, &c.tx.Coupons, "coupon", "coupon"); err != nil {
		return nil, err
	}
	o := c.tx.Coupons.Edit(c.id)
	setText(&o.Name, c.params, "name")
	var err error
	if o.Metadata, err = metadata(o.Metadata, c.params, "metadata"); err != nil {
		return nil, err
	}
	return o, nil
}

func deleteCoupon(c *call) (any, error) {
	if _, err := retrieved(c, &c.tx.Coupons, "coupon", "coupon"); err != nil {
		return nil, err
	}
	c.tx.Coupons.Remove(c.id)
	return deletion("coupon", c.id), nil
}

// redeemable refuses a coupon that cannot be given at a time.
func redeemable(o *object.Coupon, at int64, param string) error {
	if why := engine.WhyUsedUp(o, at); why != "" {
		return apierr.Coded("coupon_expired", param, "%s", why)
	}
	return nil
}

package verify

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/validate/account"
	"github.com/subferry/subferry/validate/convert"
)

// readSourceTerms looks up what the source subscriptions themselves do not tell of their prices and coupons: tiers, and
// amounts in further currencies.
func (w *work) readSourceTerms(ctx context.Context) (err error) {
	prices, coupons := map[string]bool{}, map[string]bool{}
	for _, s := range w.sources {
		for _, i := range s.Items.Data {
			if _, told := i.Price.known().In(s.Currency); !told && i.Price.ID != "" {
				prices[i.Price.ID] = true
			}
		}
		if s.Discount != nil && s.Discount.Coupon.ID != "" {
			coupons[s.Discount.Coupon.ID] = true
		}
		for _, d := range s.Discounts {
			if d.Coupon.ID != "" {
				coupons[d.Coupon.ID] = true
			}
		}
	}
	w.there, err = w.Source.Migrator.LookUp(ctx, migrate.ObjectIDs{Prices: sortedKeys(prices), Coupons: sortedKeys(coupons)})
	if err != nil {
		return fmt.Errorf("the prices and coupons of the source account cannot be read (its key needs the read permissions Prices and Coupons): %w", err)
	}
	return nil
}

// known returns the price as far as a subscription tells of it: without amounts when it has tiers.
func (p priceObject) known() account.Price {
	known := account.Price{ID: p.ID, Currency: p.Currency}
	if p.Recurring != nil {
		known.Interval, known.IntervalCount, known.Metered = p.Recurring.Interval, p.Recurring.Count, p.Recurring.Usage == "metered"
	}
	if t := p.Transform; t != nil {
		known.Package = account.Package{Size: t.DivideBy, RoundUp: t.Round == "up"}
	}
	unit := p.UnitAmount
	if !unit.Valid {
		unit = p.Whole
	}
	if unit.Valid && p.Scheme != "tiered" {
		known.Amounts = map[string]account.PriceAmount{p.Currency: {Unit: unit.Decimal, TaxBehavior: p.TaxBehavior}}
	}
	return known
}

// known returns the coupon as far as a discount tells of it: for which products it counts is not said.
func (c couponObject) known() account.Coupon {
	known := account.Coupon{ID: c.ID, Duration: c.Duration, DurationInMonths: c.Months, Currency: c.Currency}
	if c.AmountOff != nil {
		known.AmountOff = *c.AmountOff
	}
	if c.PercentOff.Valid {
		known.PercentOff = account.Percent(c.PercentOff.Decimal.Mul(decimal.NewFromInt(1_0000)).IntPart())
	}
	return known
}

// priceTerms returns on which terms the row's price and the source's are sold, in words that are equal when those are;
// "" when the destination account does not have the row's.
func (c *comparison) priceTerms(id string, of priceObject, in string) (here, there string) {
	ours, ok := c.facts.Prices[id]
	if !ok {
		return "", ""
	}
	theirs, looked := c.there.Prices[of.ID]
	if !looked {
		theirs = of.known()
	}
	in = cmp.Or(in, of.Currency)
	mine := c.currency
	if _, sold := ours.In(in); mine == "" && sold {
		mine = in
	}
	return account.PriceTerms(ours, cmp.Or(mine, ours.Currency), theirs, in)
}

// addTerms compares terms, and names whose they are where they differ. What a person has acknowledged is as expected.
func (c *comparison) addTerms(field string, kind convert.Kind, id, here, source, there string) {
	if here != there {
		here, there = here+" ("+id+")", there+" ("+source+")"
		if c.to.Acknowledged(kind, source) {
			here += ", accepted instead of " + there
			there = here
		}
	}
	c.add(field, here, there)
}

// couponTerms compares what the row's coupon takes off with what the source's does. One with the remaining months may
// last less long.
func (c *comparison) couponTerms(s *subscriptionObject, want, source string, remainder bool) {
	ours, ok := c.facts.Coupons[want]
	if !ok {
		return
	}
	theirs, looked := c.there.Coupons[source]
	if !looked { // it was deleted, and goes on where it is in force
		for _, d := range s.Discounts {
			if d.Coupon.ID == source {
				theirs = d.Coupon.known()
			}
		}
		if s.Discount != nil && s.Discount.Coupon.ID == source {
			theirs = s.Discount.Coupon.known()
		}
		ours.Products = nil
	}
	if remainder {
		ours.Duration, theirs.Duration = "", ""
	}
	in := strings.ToLower(cmp.Or(s.Currency, theirs.Currency))
	c.addTerms("discount.terms", convert.KindCoupon, want, ours.Terms(cmp.Or(c.currency, in)), source, theirs.Terms(in))
}

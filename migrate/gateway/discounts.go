package gateway

import (
	"context"
	"math"

	"github.com/stripe/stripe-go/v76"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/account"
)

// coupon asks for what a coupon applies to and for its further currencies too, which Stripe leaves out otherwise.
func (g *Gateway) coupon(ctx context.Context, id string) (account.Coupon, bool, error) {
	var a couponAnswer
	params := &stripe.CouponParams{Expand: stripe.StringSlice([]string{"applies_to", "currency_options"})}
	ok, err := g.get(ctx, "coupons", id, params, &a)
	if !ok || a.Deleted {
		return account.Coupon{}, false, err
	}
	return couponFact(&a.Coupon), true, nil
}

func couponFact(c *stripe.Coupon) account.Coupon {
	fact := account.Coupon{
		ID: c.ID, Valid: c.Valid, Duration: string(c.Duration), DurationInMonths: c.DurationInMonths,
		PercentOff: percent(c.PercentOff), AmountOff: c.AmountOff, Currency: string(c.Currency),
		RedeemBy: csvspec.Timestamp(c.RedeemBy), MaxRedemptions: c.MaxRedemptions, TimesRedeemed: c.TimesRedeemed,
	}
	for currency, option := range c.CurrencyOptions {
		if fact.AmountsOff == nil {
			fact.AmountsOff = map[string]int64{}
		}
		fact.AmountsOff[currency] = option.AmountOff
	}
	delete(fact.AmountsOff, fact.Currency)
	if c.AppliesTo != nil {
		fact.Products = c.AppliesTo.Products
	}
	return fact
}

// discountFact is nil for a customer without a discount.
func discountFact(d *stripe.Discount) *account.Discount {
	if d == nil || d.Deleted || d.Coupon == nil {
		return nil
	}
	return &account.Discount{Coupon: couponFact(d.Coupon), Start: csvspec.Timestamp(d.Start), End: csvspec.Timestamp(d.End)}
}

func (g *Gateway) taxRate(ctx context.Context, id string) (account.TaxRate, bool, error) {
	var a taxRateAnswer
	ok, err := g.get(ctx, "tax_rates", id, nil, &a)
	if !ok {
		return account.TaxRate{}, false, err
	}
	return account.TaxRate{ID: a.ID, Active: a.Active, Inclusive: a.Inclusive, Percent: percent(a.Percentage)}, true, nil
}

// percent reads stripe-go's float, whose nearest multiple of a ten-thousandth is the decimal that Stripe sent. One
// with more decimals than Stripe documents is unknown rather than rounded.
func percent(f float64) account.Percent {
	p := math.Round(f * 1_0000)
	if math.Abs(f*1_0000-p) > 1e-6 {
		return account.UnknownPercent
	}
	return account.Percent(p)
}

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
	return couponData(&a.Coupon), true, nil
}

func couponData(c *stripe.Coupon) account.Coupon {
	data := account.Coupon{
		ID: c.ID, Valid: c.Valid, Duration: string(c.Duration), DurationInMonths: c.DurationInMonths,
		PercentOff: percent(c.PercentOff), AmountOff: c.AmountOff, Currency: string(c.Currency),
		RedeemBy: csvspec.Timestamp(c.RedeemBy), MaxRedemptions: c.MaxRedemptions, TimesRedeemed: c.TimesRedeemed,
	}
	for currency, option := range c.CurrencyOptions {
		if data.AmountsOff == nil {
			data.AmountsOff = map[string]int64{}
		}
		data.AmountsOff[currency] = option.AmountOff
	}
	delete(data.AmountsOff, data.Currency)
	if c.AppliesTo != nil {
		data.Products = c.AppliesTo.Products
	}
	return data
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

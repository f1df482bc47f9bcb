package object

import (
	"bytes"
	"encoding/json"
)

// Coupon is a discount that can be given.
type Coupon struct {
	ID               string                          `json:"id"`
	Object           string                          `json:"object"`
	AmountOff        *int64                          `json:"amount_off"`
	AppliesTo        *AppliesTo                      `json:"applies_to,omitempty"`
	Created          int64                           `json:"created"`
	Currency         Text                            `json:"currency"`
	CurrencyOptions  map[string]CouponCurrencyOption `json:"currency_options,omitempty"`
	Duration         string                          `json:"duration"`
	DurationInMonths *int64                          `json:"duration_in_months"`
	Livemode         bool                            `json:"livemode"`
	MaxRedemptions   *int64                          `json:"max_redemptions"`
	Metadata         Metadata                        `json:"metadata"`
	Name             Text                            `json:"name"`
	PercentOff       *Percent                        `json:"percent_off"`
	RedeemBy         Stamp                           `json:"redeem_by"`
	TimesRedeemed    int64                           `json:"times_redeemed"`
	Valid            bool                            `json:"valid"`
}

// Key is the coupon's ID.
func (c *Coupon) Key() string { return c.ID }

// AppliesTo limits a coupon to some products.
type AppliesTo struct {
	Products Array[string] `json:"products"`
}

// CouponCurrencyOption is a coupon's amount in another currency.
type CouponCurrencyOption struct {
	AmountOff int64 `json:"amount_off"`
}

// Discount is a coupon given to a customer or subscription.
type Discount struct {
	ID              string `json:"id"`
	Object          string `json:"object"`
	CheckoutSession Null   `json:"checkout_session"`
	Coupon          Coupon `json:"coupon"`
	Customer        Text   `json:"customer"`
	End             Stamp  `json:"end"`
	Invoice         Text   `json:"invoice"`
	InvoiceItem     Null   `json:"invoice_item"`
	PromotionCode   Null   `json:"promotion_code"`
	Start           int64  `json:"start"`
	Subscription    Text   `json:"subscription"`
}

// UnmarshalJSON reads a discount whose coupon may also be given by its ID, as account files do.
func (d *Discount) UnmarshalJSON(b []byte) error {
	type plain Discount
	var brief struct {
		Coupon string `json:"coupon"`
	}
	if json.Unmarshal(b, &brief) == nil && brief.Coupon != "" {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(b, &fields); err != nil {
			return err
		}
		delete(fields, "coupon")
		rest, err := json.Marshal(fields)
		if err != nil {
			return err
		}
		d.Coupon.ID = brief.Coupon
		b = rest
	}
	decoder := json.NewDecoder(bytes.NewReader(b))
	decoder.DisallowUnknownFields()
	return decoder.Decode((*plain)(d))
}

// DeletedDiscount is the answer to a delete of a customer's discount.
type DeletedDiscount struct {
	ID              string `json:"id"`
	Object          string `json:"object"`
	CheckoutSession Null   `json:"checkout_session"`
	Coupon          Coupon `json:"coupon"`
	Customer        Text   `json:"customer"`
	Deleted         bool   `json:"deleted"`
	Invoice         Text   `json:"invoice"`
	InvoiceItem     Null   `json:"invoice_item"`
	PromotionCode   Null   `json:"promotion_code"`
	Start           int64  `json:"start"`
	Subscription    Text   `json:"subscription"`
}

// TaxRate is a tax that is added to or contained in an amount.
type TaxRate struct {
	ID                  string   `json:"id"`
	Object              string   `json:"object"`
	Active              bool     `json:"active"`
	Country             Text     `json:"country"`
	Created             int64    `json:"created"`
	Description         Text     `json:"description"`
	DisplayName         string   `json:"display_name"`
	EffectivePercentage *Percent `json:"effective_percentage"`
	Inclusive           bool     `json:"inclusive"`
	Jurisdiction        Text     `json:"jurisdiction"`
	JurisdictionLevel   Null     `json:"jurisdiction_level"`
	Livemode            bool     `json:"livemode"`
	Metadata            Metadata `json:"metadata"`
	Percentage          Percent  `json:"percentage"`
	State               Text     `json:"state"`
	TaxType             Text     `json:"tax_type"`
}

// Key is the tax rate's ID.
func (t *TaxRate) Key() string { return t.ID }

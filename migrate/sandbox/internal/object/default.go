package object

import "crypto/sha256"

// NewCustomer returns a customer as Stripe makes one of which nothing is said.
func NewCustomer(id string, now int64) *Customer {
	return &Customer{
		ID:                  id,
		Object:              "customer",
		Created:             now,
		InvoicePrefix:       Text(InvoicePrefix(id)),
		NextInvoiceSequence: 1,
		TaxExempt:           "none",
	}
}

// InvoicePrefix is the part of invoice numbers that is the customer's own.
func InvoicePrefix(id string) string {
	sum := sha256.Sum256([]byte(id))
	digits := []byte("00000000")
	for i := range digits {
		digits[i] = "0123456789ABCDEF"[sum[i]&15]
	}
	return string(digits)
}

// NewProduct returns a product as Stripe makes one of which nothing is said.
func NewProduct(id string, now int64) *Product {
	return &Product{ID: id, Object: "product", Active: true, Created: now, Updated: now, Name: id}
}

// NewPrice returns a one-time price without an amount.
func NewPrice(id, currency string, now int64) *Price {
	return &Price{
		ID:            id,
		Object:        "price",
		Active:        true,
		BillingScheme: "per_unit",
		Created:       now,
		Currency:      currency,
		TaxBehavior:   "unspecified",
		Type:          "one_time",
	}
}

// NewCoupon returns a coupon that takes nothing off.
func NewCoupon(id string, now int64) *Coupon {
	return &Coupon{ID: id, Object: "coupon", Created: now, Duration: "once", Valid: true}
}

// NewTaxRate returns an exclusive tax rate.
func NewTaxRate(id string, percent Percent, now int64) *TaxRate {
	return &TaxRate{
		ID:                  id,
		Object:              "tax_rate",
		Active:              true,
		Created:             now,
		DisplayName:         "Tax",
		EffectivePercentage: &percent,
		Percentage:          percent,
	}
}

// NewSubscription returns a subscription without items that begins now.
func NewSubscription(id, customer string, now int64) *Subscription {
	return &Subscription{
		ID:                 id,
		Object:             "subscription",
		BillingCycleAnchor: now,
		CollectionMethod:   "charge_automatically",
		Created:            now,
		Customer:           customer,
		Items:              List[*SubscriptionItem]{Object: "list", URL: "/v1/subscription_items?subscription=" + id},
		PaymentSettings:    SubscriptionPayment{SaveDefaultPaymentMethod: "off"},
		StartDate:          now,
		TrialSettings:      TrialSettings{EndBehavior: TrialEndBehavior{MissingPaymentMethod: "create_invoice"}},
	}
}

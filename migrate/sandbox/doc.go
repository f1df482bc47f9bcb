// Package sandbox is an embedded stand-in for Stripe: an http.Handler with state that speaks Stripe's API version
// 2023-10-16, so that the client that talks to Stripe talks to it unchanged. Its state survives in a directory, its
// clock is handed in, and what it does not imitate it refuses instead of making something up; LIMITS.md lists that.
//
// # Account files
//
// Load reads an account from JSON. Every list is optional; the objects have Stripe's own shape, so an object copied
// from an API response will mostly do. Fields left out get Stripe's defaults, unknown fields are errors, and of an
// object with "livemode": true only the ID is kept, for the error that says the ID exists in the other mode. A
// customer's discount may name its coupon by ID. A customer's invoice_settings.default_payment_method may be a test
// card's token such as pm_card_chargeCustomerFail; an ID that is not spelled like one becomes a card that can be
// charged, and a customer without one cannot be.
//
//	{
//	  "account":   {"id": "acct_1"},
//	  "tax_settings": {"defaults": {"tax_behavior": "exclusive"}},
//	  "customers": [{"id": "cus_1", "email": "jo@example.com", "balance": -500, "currency": "usd", "tax_exempt": "none",
//	                 "discount": {"coupon": "TENOFF", "start": 1772355600, "end": null},
//	                 "invoice_settings": {"default_payment_method": "pm_card_visa"}}],
//	  "products":  [{"id": "prod_1", "name": "Gold"}],
//	  "prices":    [{"id": "price_1", "product": "prod_1", "currency": "usd",
//	                 "unit_amount": 1999, "recurring": {"interval": "month"}}],
//	  "coupons":   [{"id": "TENOFF", "percent_off": 10, "duration": "forever"}],
//	  "tax_rates": [{"id": "txr_1", "percentage": 19, "inclusive": true}]
//	}
package sandbox

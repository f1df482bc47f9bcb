package gateway

import (
	"github.com/stripe/stripe-go/v76"

	"github.com/subferry/subferry/migrate/schedule"
)

// subscriptionParams asks Stripe to refuse a subscription whose first invoice cannot be paid: over 0, it may still collect
// what the customer owes on the balance. Created as incomplete it would expire within a day, unnoticed.
func subscriptionParams(s schedule.Subscription) *stripe.SubscriptionParams {
	params := &stripe.SubscriptionParams{
		Customer:           &s.Customer,
		BackdateStartDate:  timestamp(s.BackdateStartDate),
		BillingCycleAnchor: timestamp(s.BillingCycleAnchor),
		TrialEnd:           timestamp(s.TrialEnd),
		CancelAt:           timestamp(s.CancelAt),
		ProrationBehavior:  text(s.ProrationBehavior),
		CollectionMethod:   text(s.CollectionMethod),
		DaysUntilDue:       number(s.DaysUntilDue),
		Coupon:             text(s.Coupon),
		Currency:           text(s.Currency),
		Metadata:           metadataParams(s.Metadata),
	}
	if s.CollectionMethod != string(stripe.SubscriptionCollectionMethodSendInvoice) {
		params.PaymentBehavior = stripe.String("error_if_incomplete")
	}
	for _, item := range itemParams(s.Items) {
		params.Items = append(params.Items, &stripe.SubscriptionItemsParams{
			Price: item.Price, PriceData: item.PriceData, Quantity: item.Quantity,
		})
	}
	if s.DefaultTaxRate != "" {
		params.DefaultTaxRates = []*string{&s.DefaultTaxRate}
	}
	if s.AutomaticTax {
		params.AutomaticTax = &stripe.SubscriptionAutomaticTaxParams{Enabled: &s.AutomaticTax}
	}
	return params
}

package gateway

import (
	"github.com/stripe/stripe-go/v76"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/schedule"
)

func phaseParams(p schedule.Phase) *stripe.SubscriptionSchedulePhaseParams {
	params := &stripe.SubscriptionSchedulePhaseParams{
		Items:             itemParams(p.Items),
		EndDate:           timestamp(p.EndDate),
		TrialEnd:          timestamp(p.TrialEnd),
		ProrationBehavior: text(p.ProrationBehavior),
		CollectionMethod:  text(p.CollectionMethod),
		Coupon:            text(p.Coupon),
		Currency:          text(p.Currency),
		Metadata:          metadataParams(p.Metadata),
	}
	for _, item := range p.InvoiceItems { // an empty list would be sent as an empty text, which Stripe refuses
		params.AddInvoiceItems = append(params.AddInvoiceItems, &stripe.SubscriptionSchedulePhaseAddInvoiceItemParams{
			PriceData: &stripe.InvoiceItemPriceDataParams{
				Currency: &item.Money.Currency, Product: &item.Product, UnitAmount: &item.Money.Minor,
			},
		})
	}
	if p.Iterations > 0 {
		params.Iterations = &p.Iterations
	}
	if p.Trial {
		params.Trial = &p.Trial
	}
	if p.DefaultTaxRate != "" {
		params.DefaultTaxRates = []*string{&p.DefaultTaxRate}
	}
	if p.AutomaticTax {
		params.AutomaticTax = &stripe.SubscriptionSchedulePhaseAutomaticTaxParams{Enabled: &p.AutomaticTax}
	}
	if p.DaysUntilDue.Set {
		params.InvoiceSettings = &stripe.SubscriptionSchedulePhaseInvoiceSettingsParams{DaysUntilDue: number(p.DaysUntilDue)}
	}
	return params
}

// defaultSettingsParams returns nil when the phase leaves all of it to Stripe's defaults.
func defaultSettingsParams(p schedule.Phase) *stripe.SubscriptionScheduleDefaultSettingsParams {
	if !p.AutomaticTax && p.CollectionMethod == "" && !p.DaysUntilDue.Set {
		return nil
	}
	params := &stripe.SubscriptionScheduleDefaultSettingsParams{CollectionMethod: text(p.CollectionMethod)}
	if p.AutomaticTax {
		params.AutomaticTax = &stripe.SubscriptionAutomaticTaxParams{Enabled: &p.AutomaticTax}
	}
	if p.DaysUntilDue.Set {
		params.InvoiceSettings = &stripe.SubscriptionScheduleDefaultSettingsInvoiceSettingsParams{DaysUntilDue: number(p.DaysUntilDue)}
	}
	return params
}

func itemParams(items []schedule.Item) []*stripe.SubscriptionSchedulePhaseItemParams {
	params := make([]*stripe.SubscriptionSchedulePhaseItemParams, 0, len(items))
	for _, item := range items {
		p := &stripe.SubscriptionSchedulePhaseItemParams{Quantity: number(item.Quantity)}
		if item.Price != "" {
			p.Price = &item.Price
		} else {
			p.PriceData = &stripe.SubscriptionItemPriceDataParams{
				Currency:   &item.Money.Currency,
				Product:    &item.Product,
				Recurring:  &stripe.SubscriptionItemPriceDataRecurringParams{Interval: &item.Interval},
				UnitAmount: &item.Money.Minor, // never UnitAmountDecimal, which is a float
			}
		}
		params = append(params, p)
	}
	return params
}

func metadataParams(m csvspec.Metadata) map[string]string {
	if len(m) == 0 {
		return nil
	}
	params := make(map[string]string, len(m))
	for _, kv := range m {
		params[kv.Key] = kv.Value
	}
	return params
}

// text, number and timestamp return nil for what the row leaves blank.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func number(n csvspec.Int) *int64 {
	if !n.Set {
		return nil
	}
	return &n.N
}

func timestamp(t csvspec.Timestamp) *int64 {
	if t.IsBlank() {
		return nil
	}
	return (*int64)(&t)
}

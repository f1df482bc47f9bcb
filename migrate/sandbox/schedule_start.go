package sandbox

import (
	"github.com/subferry/subferry/migrate/sandbox/object"
)

// startSchedule enters the first phase: the subscription comes into being.
func (t *tx) startSchedule(o *object.Schedule) error {
	phase := &o.Phases[0]
	one := t.newSubscription(o, phase)
	o.Status = object.ScheduleActive
	o.CurrentPhase = &object.CurrentPhase{StartDate: phase.StartDate, EndDate: phase.EndDate}
	o.Subscription = object.Text(one.ID)
	t.subscriptions.put(one)
	return nil
}

// newSubscription is what a phase describes, at the phase's start.
func (t *tx) newSubscription(o *object.Schedule, phase *object.Phase) *object.Subscription {
	id := t.state.ids.next("sub")
	one := &object.Subscription{
		ID:                   id,
		Object:               "subscription",
		AutomaticTax:         *phase.AutomaticTax,
		BillingCycleAnchor:   phase.StartDate,
		CollectionMethod:     string(phase.CollectionMethod),
		Created:              phase.StartDate,
		Currency:             phase.Currency,
		Customer:             o.Customer,
		DefaultPaymentMethod: phase.DefaultPaymentMethod,
		DefaultTaxRates:      phase.DefaultTaxRates,
		Description:          phase.Description,
		Items:                t.subscriptionItems(id, phase),
		Metadata:             phase.Metadata,
		PaymentSettings:      object.SubscriptionPayment{SaveDefaultPaymentMethod: "off"},
		Schedule:             object.Text(o.ID),
		StartDate:            phase.StartDate,
		Status:               object.SubscriptionActive,
		TestClock:            o.TestClock,
		TrialSettings:        object.TrialSettings{EndBehavior: object.TrialEndBehavior{MissingPaymentMethod: "create_invoice"}},
	}
	if one.CollectionMethod == "" {
		one.CollectionMethod = string(o.DefaultSettings.CollectionMethod)
	}
	if one.CollectionMethod == "send_invoice" {
		one.DaysUntilDue = o.DefaultSettings.InvoiceSettings.DaysUntilDue
		if phase.InvoiceSettings != nil {
			one.DaysUntilDue = phase.InvoiceSettings.DaysUntilDue
		}
	}
	one.CurrentPeriodStart = phase.StartDate
	one.CurrentPeriodEnd = intervalOf(one.Items.Data[0].Price).Add(phase.StartDate, 1)
	if phase.TrialEnd > 0 {
		one.Status = object.SubscriptionTrialing
		one.TrialStart, one.TrialEnd = object.Stamp(phase.StartDate), phase.TrialEnd
		one.BillingCycleAnchor, one.CurrentPeriodEnd = int64(phase.TrialEnd), int64(phase.TrialEnd)
	}
	return one
}

func (t *tx) subscriptionItems(id string, phase *object.Phase) object.List[*object.SubscriptionItem] {
	items := object.List[*object.SubscriptionItem]{Object: "list", URL: "/v1/subscription_items?subscription=" + id}
	for _, item := range phase.Items {
		items.Data = append(items.Data, &object.SubscriptionItem{
			ID:           t.state.ids.short("si"),
			Object:       "subscription_item",
			Created:      phase.StartDate,
			Metadata:     item.Metadata,
			Price:        t.prices.get(item.Price),
			Quantity:     item.Quantity,
			Subscription: id,
			TaxRates:     item.TaxRates,
		})
	}
	return items
}

// catchUp starts what the clock has passed. It is called under the lock,
// before a request executes.
func (s *Server) catchUp() error {
	now := s.now()
	for {
		at, id, ok := s.state.due.next(now)
		if !ok {
			return nil
		}
		o := s.state.schedules.get(id)
		if o == nil || o.Status != object.ScheduleNotStarted || o.Phases[0].StartDate != at {
			continue
		}
		t := s.state.begin(at)
		if err := t.startSchedule(t.schedules.edit(id)); err != nil {
			return err
		}
		if err := s.commit(t, fingerprint{}, nil); err != nil {
			return err
		}
	}
}

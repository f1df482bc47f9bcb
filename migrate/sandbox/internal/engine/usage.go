package engine

import (
	"fmt"
	"math/big"
	"time"

	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// The times of events that a meter takes, and for how long an identifier is remembered and an event can be canceled.
const (
	usageBack   = 35 * 24 * 60 * 60
	usageAhead  = 5 * 60
	usageMemory = 24 * 60 * 60
)

// sampleErrors is how many dropped events an error report names.
const sampleErrors = 5

// UsageEvent is an event that a client sends.
type UsageEvent struct {
	EventName, Identifier string
	Payload               map[string]string
	Timestamp             int64
}

// DuplicateUsage returns the identifier of the first event that was taken within the last day, or twice in the batch;
// "" for none.
func DuplicateUsage(t *store.Tx, batch []UsageEvent) string {
	seen := map[string]bool{}
	for _, e := range batch {
		if u := CurrentUsage(t, e.Identifier); seen[e.Identifier] || u != nil && t.Now-u.Received < usageMemory {
			return e.Identifier
		}
		seen[e.Identifier] = true
	}
	return ""
}

// CurrentUsage is the newest event of an identifier; nil for none.
func CurrentUsage(t *store.Tx, identifier string) *object.Usage {
	u := t.Usage.Get(identifier)
	if u != nil && u.Repeats > 0 {
		return t.Usage.Get(repeated(identifier, u.Repeats))
	}
	return u
}

// CanCancelUsage tells whether an event was received so recently that it can be canceled.
func CanCancelUsage(t *store.Tx, u *object.Usage) bool { return t.Now-u.Received < usageMemory }

func repeated(identifier string, n int) string { return fmt.Sprintf("%s\n%d", identifier, n) }

// RecordUsage takes events. Those that a meter cannot count are dropped, and told of in an event of their own later.
func RecordUsage(t *store.Tx, batch []UsageEvent) {
	reports := map[string]*object.MeterErrorReport{}
	var order []string
	meters := map[string]*object.Meter{}
	for _, e := range batch {
		meter, known := meters[e.EventName]
		if !known {
			meter = MeterOf(t, e.EventName)
			meters[e.EventName] = meter
		}
		code, why := putUsage(t, meter, e)
		if code == "" {
			continue
		}
		id := "" // events without a meter have a report of their own
		if meter != nil {
			id = meter.ID
		}
		if reports[id] == nil {
			reports[id] = newErrorReport(t, meter)
			order = append(order, id)
		}
		addError(reports[id], code, why, e.Identifier)
	}
	for _, id := range order {
		kind := "v1.billing.meter.error_report_triggered"
		if id == "" {
			kind = "v1.billing.meter.no_meter_found"
		}
		store.Emit(t, kind, reports[id])
	}
}

// MeterOf finds the meter of an event name, the active one if there is one.
func MeterOf(t *store.Tx, eventName string) (found *object.Meter) {
	for _, m := range append(t.Store.Meters.All(), t.Meters.Changed...) {
		if m.EventName == eventName && (found == nil || m.Status == object.MeterActive) {
			found = m
		}
	}
	return found
}

// putUsage keeps an event, or says why it is dropped.
func putUsage(t *store.Tx, meter *object.Meter, e UsageEvent) (code, why string) {
	if meter == nil {
		return "no_meter", "There is no meter with the event name " + e.EventName + "."
	}
	customer, value := e.Payload[meter.CustomerMapping.EventPayloadKey], e.Payload[meter.ValueSettings.EventPayloadKey]
	_, number := new(big.Rat).SetString(value)
	if meter.DefaultAggregation.Formula == "count" && value == "" {
		value, number = "1", true
	}
	switch {
	case meter.Status != object.MeterActive:
		return "archived_meter", "The meter " + meter.ID + " is deactivated."
	case customer == "":
		return "meter_event_no_customer_defined", "The payload has no " + meter.CustomerMapping.EventPayloadKey + "."
	case t.Customers.Get(customer) == nil:
		return "meter_event_customer_not_found", "There is no customer " + customer + "."
	case e.Timestamp < t.Now-usageBack:
		return "timestamp_too_far_in_past", "The timestamp lies more than 35 days in the past."
	case e.Timestamp > t.Now+usageAhead:
		return "timestamp_in_future", "The timestamp lies more than 5 minutes in the future."
	case value == "":
		return "meter_event_value_not_found", "The payload has no " + meter.ValueSettings.EventPayloadKey + "."
	case !number:
		return "meter_event_invalid_value", "The value " + value + " is no number."
	}
	u := &object.Usage{ID: e.Identifier, Identifier: e.Identifier, Meter: meter.ID, Customer: customer, Timestamp: e.Timestamp, Value: value, Received: t.Now}
	if first := t.Usage.Edit(e.Identifier); first != nil { // forgotten by now, as Stripe does
		first.Repeats++
		u.ID = repeated(e.Identifier, first.Repeats)
	}
	t.Usage.Put(u)
	return "", ""
}

func newErrorReport(t *store.Tx, meter *object.Meter) *object.MeterErrorReport {
	at := time.Unix(t.Now, 0).UTC().Truncate(time.Second)
	r := &object.MeterErrorReport{
		Object: "billing.meter_error_report", ValidationStart: at.Format(time.RFC3339), ValidationEnd: at.Add(time.Second).Format(time.RFC3339),
	}
	if meter != nil {
		r.RelatedObject = &object.MeterErrorObject{ID: meter.ID, Type: meter.Object, URL: "/v1/billing/meters/" + meter.ID}
	}
	return r
}

func addError(r *object.MeterErrorReport, code, why, identifier string) {
	r.Reason.ErrorCount++
	r.DeveloperMessage = fmt.Sprintf("There are %d invalid events", r.Reason.ErrorCount)
	var of *object.MeterErrorType
	for _, one := range r.Reason.ErrorTypes {
		if one.Code == code {
			of = one
		}
	}
	if of == nil {
		of = &object.MeterErrorType{Code: code}
		r.Reason.ErrorTypes = append(r.Reason.ErrorTypes, of)
	}
	of.ErrorCount++
	if len(of.SampleErrors) < sampleErrors {
		of.SampleErrors = append(of.SampleErrors, object.MeterSampleError{ErrorMessage: why, Request: object.MeterEventIdentifier{Identifier: identifier}})
	}
}

// UsedIn sums up what a meter has counted of a customer from a time, included, to another one, by windows of so many
// seconds; 0 is one for all. Windows without events are missing.
func UsedIn(t *store.Tx, meter *object.Meter, customer string, from, to, window int64) map[int64]*big.Rat {
	sums, latest := map[int64]*big.Rat{}, map[int64]int64{}
	for _, u := range t.Store.Usage.Of(object.UsageOwner(meter.ID, customer)) {
		if u.Canceled || u.Timestamp < from || u.Timestamp >= to {
			continue
		}
		start := from
		if window > 0 {
			start = u.Timestamp - u.Timestamp%window
		}
		sum := sums[start]
		if sum == nil {
			sum = new(big.Rat)
			sums[start] = sum
		}
		value, _ := new(big.Rat).SetString(u.Value) // it was checked
		switch meter.DefaultAggregation.Formula {
		case "count":
			sum.Add(sum, big.NewRat(1, 1))
		case "last":
			if u.Timestamp >= latest[start] {
				latest[start] = u.Timestamp
				sum.Set(value)
			}
		default:
			sum.Add(sum, value)
		}
	}
	return sums
}

// usedUnits is what a metered price is charged for in a period: what its meter has counted, never less than 0, and rounded
// to a whole number, half of one upwards.
func usedUnits(t *store.Tx, price *object.Price, customer string, period object.Period) int64 {
	meter := t.Meters.Get(string(price.Recurring.Meter))
	if meter == nil {
		return 0
	}
	sum := UsedIn(t, meter, customer, period.Start, period.End, 0)[period.Start]
	if sum == nil || sum.Sign() <= 0 {
		return 0
	}
	sum = new(big.Rat).Add(sum, big.NewRat(1, 2))
	units := new(big.Int).Quo(sum.Num(), sum.Denom())
	if !units.IsInt64() {
		return 0
	}
	return units.Int64()
}

// refreshUsage counts usage again that has come, or was canceled, while an invoice was a draft.
func refreshUsage(t *store.Tx, inv *object.Invoice) {
	sub := t.Subscriptions.Get(string(inv.Subscription))
	customer := t.Customers.Get(inv.Customer)
	if sub == nil || customer == nil {
		return
	}
	changed := false
	lines := make([]*object.InvoiceLine, len(inv.Lines.Data))
	for i, one := range inv.Lines.Data {
		line := *one
		lines[i] = &line
		if !line.Price.ByMeter() || line.Type != "subscription" || line.Period.Start >= line.Period.End {
			continue
		}
		if units := usedUnits(t, line.Price, inv.Customer, line.Period); units != object.Quantity(line.Quantity) {
			setUnits(t, &line, units)
			changed = true
		}
	}
	if !changed {
		return
	}
	inv.Lines.Data, inv.TotalTaxAmounts, inv.Tax = lines, nil, nil
	for _, line := range lines {
		line.TaxAmounts, line.DiscountAmounts = nil, nil
	}
	if inv.Discount != nil {
		totalsWith(inv, customer, couponOf(inv.Discount, inv.Currency))
		return
	}
	totalsWith(inv, customer, useDiscount(t, inv, t.Subscriptions.Edit(sub.ID)))
}

// setUnits states how many units a line is for.
func setUnits(t *store.Tx, line *object.InvoiceLine, units int64) {
	line.Quantity = &units
	line.Amount = Pricing(line.Price, line.Currency).Amount(units)
	line.Description = object.Text(fmt.Sprintf("%d × %s", units, productName(t, line.Price)))
}

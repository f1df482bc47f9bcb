package toolkit

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/subferry/subferry/csvspec"
)

// OldIDKey is the metadata key under which a row keeps its subscription's ID in the source account.
const OldIDKey = "old_Stripe_sub_id"

const sourceKey, sourceValue = "source", "internal:Stripe"

// row returns the row of a subscription, before decisions: one price as the basic template does, several as items, and
// the amounts of archived prices as they are.
func (l *looked) row() csvspec.Row {
	r := csvspec.Row{
		Customer: l.Customer.ID, StartDate: csvspec.Timestamp(l.end), ProrationBehavior: "none", CollectionMethod: l.Collection,
		AutomaticTax: csvspec.Bool(l.AutomaticTax.Enabled),
	}
	if l.StartDate > 0 && l.StartDate < l.now {
		r.BackdateStartDate = csvspec.Timestamp(l.StartDate)
	}
	if l.Collection == "send_invoice" && l.DaysUntilDue != nil {
		r.DaysUntilDue = csvspec.Of(*l.DaysUntilDue)
	}
	if len(l.TaxRates) > 0 && !l.AutomaticTax.Enabled {
		r.DefaultTaxRate = l.TaxRates[0].ID
	}
	if d := l.discounts(); len(d) == 1 && !over(d[0], l.end) {
		r.Coupon = d[0].Coupon.ID
	}
	if l.copied.Given() {
		r.Customer = l.copied.Get(l.Customer.ID)
	}
	for _, i := range l.Items.Data {
		quantity := csvspec.Int{}
		if i.Quantity != nil && !i.Price.metered() {
			quantity = csvspec.Of(*i.Quantity)
		}
		gone := l.gone(i.Price)
		if i.Price.Currency != "" && l.Currency != "" && i.Price.Currency != l.Currency && !gone {
			r.Currency = l.Currency
		}
		if gone && i.Price.adhoc() { // the amount itself
			r.AdhocItems = append(r.AdhocItems, csvspec.AdhocItem{Amount: csvspec.Of(*i.Price.UnitAmount), Product: i.Price.Product.ID,
				Interval: i.Price.Recurring.Interval, Currency: i.Price.Currency, Quantity: quantity})
			continue
		}
		r.Items = append(r.Items, csvspec.Item{Price: i.Price.ID, Quantity: quantity})
	}
	if len(r.Items) == 1 && len(r.AdhocItems) == 0 { // as the basic template does
		r.Price, r.Quantity, r.Items = r.Items[0].Price, r.Items[0].Quantity, nil
	}
	r.Metadata, _ = carried(l.Metadata)
	r.Metadata = append(csvspec.Metadata{{Key: OldIDKey, Value: l.ID}, {Key: sourceKey, Value: sourceValue}}, r.Metadata...)
	return r
}

// ownKeys are the metadata keys that rows and this program write.
func ownKeys() []string { return []string{OldIDKey, sourceKey, "subferry", "original_start_date"} }

// mostCarried leaves room for the two keys that every row has.
const mostCarried = 48

// carried returns the metadata that a row takes over, and the keys that have no place. Keys that say what the row's own
// say, and those that this program wrote when the subscription came from somewhere else, are neither.
func carried(all map[string]string) (taken csvspec.Metadata, left []string) {
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if slices.Contains(ownKeys(), key) {
			continue
		}
		c := csvspec.ReadColumn("metadata." + key)
		if len(taken) >= mostCarried || !c.Clean() || c.Key != key {
			left = append(left, key)
			continue
		}
		if all[key] != "" {
			taken = append(taken, csvspec.KeyValue{Key: key, Value: all[key]})
		}
	}
	return taken, left
}

// Coupon is a coupon with the months that are left of another one, to be created in the destination account.
type Coupon struct {
	ID       string          `json:"id"`
	From     string          `json:"from"` // the coupon of the source account
	Name     string          `json:"name"`
	Percent  json.RawMessage `json:"percent_off,omitempty"`
	Amount   *int64          `json:"amount_off,omitempty"`
	Currency string          `json:"currency,omitempty"`
	Months   int             `json:"duration_in_months"`
}

// remainder returns the coupon with the months that are left at a moment: as many months as begin before the discount
// ends.
func remainder(d discount, at int64) Coupon {
	months := 1
	for start := time.Unix(at, 0).UTC(); d.End > 0 && addMonths(start, months).Unix() < d.End; {
		months++
	}
	return Coupon{ID: fmt.Sprintf("%s-%dm", d.Coupon.ID, months), From: d.Coupon.ID, Name: d.Coupon.Name, Percent: d.Coupon.Percent,
		Amount: d.Coupon.AmountOff, Currency: d.Coupon.Currency, Months: months}
}

package convert

import (
	"maps"
	"slices"

	"github.com/subferry/subferry/validate/account"
)

// Used returns the source account's prices and coupons whose counterparts are known of the destination account.
func (m Map) Used(here *account.Account) (prices, coupons []string) {
	for _, source := range slices.Sorted(maps.Keys(m[KindPrice])) {
		if _, ok := here.Prices[m.Get(KindPrice, source)]; ok {
			prices = append(prices, source)
		}
	}
	for _, source := range slices.Sorted(maps.Keys(m[KindCoupon])) {
		if _, ok := here.Coupons[m.Get(KindCoupon, source)]; ok {
			coupons = append(coupons, source)
		}
	}
	return prices, coupons
}

// Unlike returns the prices and coupons of the destination account that are sold on other terms than what they stand for
// in the source account, by their IDs. What a person has acknowledged is left out. Prices are compared in each currency
// that the source's is sold in and the destination's as well, and in the source's default one.
func (m Map) Unlike(here, there *account.Account) map[string][]account.Unlike {
	all := map[string][]account.Unlike{}
	prices, coupons := m.Used(here)
	for _, source := range prices {
		id := m.Get(KindPrice, source)
		ours, theirs := here.Prices[id], there.Prices[source]
		for _, currency := range slices.Sorted(maps.Keys(theirs.Amounts)) {
			a, b := account.PriceTerms(ours, currency, theirs, currency)
			if _, sold := ours.In(currency); a != b && (sold || currency == theirs.Currency) && !m.Acknowledged(KindPrice, source) {
				all[id] = append(all[id], account.Unlike{Source: source, Here: a, There: b})
				break
			}
		}
	}
	for _, source := range coupons {
		id := m.Get(KindCoupon, source)
		theirs, found := there.Coupons[source]
		a, b := here.Coupons[id].Terms(theirs.Currency), theirs.Terms(theirs.Currency)
		if found && a != b && !m.Acknowledged(KindCoupon, source) {
			all[id] = append(all[id], account.Unlike{Source: source, Here: a, There: b})
		}
	}
	return all
}

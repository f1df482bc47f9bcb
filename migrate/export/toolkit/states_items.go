package toolkit

import (
	"slices"
	"strings"

	"github.com/subferry/subferry/csvspec"
)

// itemStates are about what is sold, and about fields of a subscription for which the format has no place.
var itemStates = []State{
	immovable("too_many_items", "It has more than 20 items, and the format has columns for 20.", func(l *looked) bool { return len(l.Items.Data) > csvspec.MaxItems }),
	immovable("several_intervals", "Its items renew at different intervals, and a row of the format has one: move them as two subscriptions, by hand.", func(l *looked) bool {
		first := l.cycle()
		return first != nil && anyItem(func(i item) bool {
			r := i.Price.Recurring
			return r != nil && (r.Interval != first.Interval || r.Count != first.Count)
		})(l)
	}),
	decide("metered", "It is billed by usage. The source account bills the usage of this period when it ends; usage after that has to be reported to the destination account.",
		"usage after the period is reported to the destination account", anyItem(func(i item) bool { return i.Price.metered() })),
	remark("inline_price", "Its price is archived or was stated with the subscription, so the amount itself moves (ad-hoc): check the amount and the product.",
		func(l *looked) bool {
			return anyItem(func(i item) bool { return l.gone(i.Price) && i.Price.adhoc() })(l)
		}),
	decide("inline_price_special", "Its price is archived and cannot be stated as an amount (tiers, a part of a cent, usage, or every so many months): create one in the destination account and map it.",
		"use the price of the destination account that the map names", func(l *looked) bool {
			return anyItem(func(i item) bool { return l.gone(i.Price) && !i.Price.adhoc() })(l)
		}),
	remark("tiers", "Its price has tiers: the destination account's price must have the same ones.",
		anyItem(func(i item) bool { return i.Price.Scheme == "tiered" && i.Price.Active })),
	decide("billing_thresholds", "It is invoiced early when an amount or a usage is reached, which the format cannot say.",
		"invoice at the end of each period only", func(l *looked) bool {
			return present(l.Thresholds) || anyItem(func(i item) bool { return present(i.Thresholds) })(l)
		}),
	immovable("connected_account", "It shares its revenue with a connected account (a fee, a transfer, on behalf of), which the format cannot say: the share would be lost.",
		func(l *looked) bool {
			return present(l.FeePercent) && strings.Trim(string(l.FeePercent), `0."`) != "" || present(l.TransferData) || !l.OnBehalfOf.empty()
		}),
	decide("metadata", "Some of its metadata has no place in the format: more than 48 keys, or keys that cannot be the name of a column.",
		"leave that metadata behind", func(l *looked) bool { _, left := carried(l.Metadata); return len(left) > 0 }),
	remark("metadata_replaced", "Its metadata has a key that the row writes itself (source, old_Stripe_sub_id, subferry, original_start_date): the old value stays behind.",
		func(l *looked) bool {
			return slices.ContainsFunc(ownKeys(), func(key string) bool { return l.Metadata[key] != "" && l.Metadata[key] != sourceValue })
		}),
	remark("description", "It has a description, for which the format has no column: the new one has none.", func(l *looked) bool { return l.Description != "" }),
	remark("settings", "It has settings for which the format has no column (metadata of single items, what happens at the end of a trial, payment methods that are allowed): the new one has those of the destination account.",
		func(l *looked) bool {
			return present(l.TrialSettings) && !strings.Contains(string(l.TrialSettings), `"create_invoice"`) || present(l.PaymentSettings.Types) || present(l.PaymentSettings.Options) ||
				anyItem(func(i item) bool { return len(i.Metadata) > 0 })(l)
		}),
}

// gone tells whether a price can no longer be had, and the map names no other.
func (l *looked) gone(p price) bool { return !p.Active && l.to.Get("price", p.ID) == "" }

// adhoc tells whether a price can be stated as an amount.
func (p price) adhoc() bool {
	return p.UnitAmount != nil && p.Scheme != "tiered" && !p.metered() && !present(p.Transform) && p.Recurring != nil && p.Recurring.Count == 1 && !p.Product.empty()
}

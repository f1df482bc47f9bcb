package toolkit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/convert"
)

// Verdict is what can become of a subscription.
type Verdict string

// The verdicts. Each subscription has one.
const (
	Ready     Verdict = "ready"
	Undecided Verdict = "needs_decision"
	Immovable Verdict = "cannot_move"
	LeftOut   Verdict = "left_out" // by a decision
)

// State is an awkward state of subscriptions, and what is said of it.
type State struct {
	Name     string
	Verdict  Verdict // Ready is a remark
	Sentence string
	Choices  []Choice // the first words of what can be decided; skip leaves the subscription with the source

	find func(*looked) []Choice // the choices of one subscription, nil when it is not in this state
}

// Choice is one way to decide.
type Choice struct {
	Word  string // as the file of decisions has it
	Means string

	apply func(*csvspec.Row)
}

// looked is a subscription that is being looked at.
type looked struct {
	*subscription
	now int64
	end int64       // of what is paid
	to  convert.Map // the destination account's IDs
}

// gone tells whether a price can no longer be had, and the map names no other.
func (l *looked) gone(p price) bool { return p.inline() && l.to.Get(convert.KindPrice, p.ID) == "" }

// is is the only finding of states without a choice of their own.
func is(in bool) []Choice {
	if in {
		return []Choice{}
	}
	return nil
}

func skip() Choice { return Choice{Word: "skip", Means: "leave it with the source account"} }

func move(means string) Choice {
	return Choice{Word: "move", Means: means, apply: func(*csvspec.Row) {}}
}

// asked returns the choices move and skip of a state.
func asked(means string, in func(*looked) bool) func(*looked) []Choice {
	return func(l *looked) []Choice {
		if !in(l) {
			return nil
		}
		return []Choice{move(means), skip()}
	}
}

// told is the finding of a state that leaves nothing to choose.
func told(in func(*looked) bool) func(*looked) []Choice {
	return func(l *looked) []Choice { return is(in(l)) }
}

// States returns the awkward states, in the order in which they are told.
func States() []State {
	return slices.Concat(endedStates(), paymentStates(), endingStates(), moneyStates(), itemStates(), customerStates())
}

// endedStates are about subscriptions that are over, or were never begun.
func endedStates() []State {
	return []State{
		{Name: "ended", Verdict: Immovable, Sentence: "It is canceled or has expired: there is nothing left to move.",
			find: told(func(l *looked) bool {
				return l.Status == "canceled" || l.Status == "incomplete_expired" || l.Status == "ended" || l.EndedAt > 0
			})},
		{Name: "incomplete", Verdict: Immovable, Sentence: "Its first payment has not succeeded. Within 23 hours it becomes active or expires: export again then.",
			find: told(func(l *looked) bool { return l.Status == "incomplete" })},
		{Name: "unknown_status", Verdict: Immovable, Sentence: "Its status is one that this program does not know, so nobody can say what moving it would do.",
			find: told(func(l *looked) bool {
				return !slices.Contains([]string{"active", "trialing", "past_due", "unpaid", "paused", "incomplete", "canceled", "incomplete_expired", "ended"}, l.Status)
			})},
		{Name: "period_passed", Verdict: Immovable, Sentence: "What is paid has ended already, and the source account is about to charge for the next period: export again when it has.",
			find: told(func(l *looked) bool {
				return l.end <= l.now && l.Status != "paused" && l.Status != "canceled" && l.EndedAt == 0
			})},
		{Name: "period_unknown", Verdict: Immovable, Sentence: "It is paused without a period that lies ahead, so there is no date on which the new one could begin: resume it in the source account first.",
			find: told(func(l *looked) bool { return l.end <= l.now && l.Status == "paused" })},
		{Name: "no_items", Verdict: Immovable, Sentence: "It sells nothing: it has no items.",
			find: told(func(l *looked) bool { return len(l.Items.Data) == 0 && l.Status != "canceled" })},
	}
}

// paymentStates are about subscriptions whose payments do not run as they should.
func paymentStates() []State {
	return []State{
		{Name: "past_due", Verdict: Undecided, Sentence: "Its last invoice is not paid. That invoice stays with the source account; moved, the customer is charged for the next period by the new one.",
			find: asked("start at the end of the period, and collect the open invoice in the source account", func(l *looked) bool { return l.Status == "past_due" })},
		{Name: "unpaid", Verdict: Undecided, Sentence: "Stripe has given up collecting its invoices. Moved, the customer would be charged again although earlier periods were never paid.",
			find: asked("start at the end of the period; what is owed stays in the source account", func(l *looked) bool { return l.Status == "unpaid" })},
		{Name: "paused", Verdict: Undecided, Sentence: "Its trial ended without a payment method, and it waits. Moved, it would charge as soon as there is one.",
			find: asked("start at the end of the period and charge then", func(l *looked) bool { return l.Status == "paused" })},
		{Name: "collection_paused", Verdict: Undecided, Sentence: "Collecting payments is paused. The format cannot pause: moved, the customer is charged again from the next period on.",
			find: asked("charge from the next period on", func(l *looked) bool { return present(l.Pause) })},
		{Name: "trialing", Verdict: Ready, Sentence: "It is in trial: the new one begins when the trial ends, and charges then.",
			find: told(func(l *looked) bool { return l.Status == "trialing" && l.TrialEnd == l.end })},
		{Name: "trial_end_differs", Verdict: Undecided, Sentence: "It is in trial, and the trial does not end with its period.",
			find: asked("start, and charge, at the end of the period", func(l *looked) bool { return l.Status == "trialing" && l.TrialEnd != l.end })},
		{Name: "invoiced", Verdict: Ready, Sentence: "It is paid by invoice: the customer needs an e-mail address in the destination account, and both accounts must not send the renewal e-mail.",
			find: told(func(l *looked) bool { return l.Collection == "send_invoice" && l.DaysUntilDue != nil })},
		{Name: "invoice_terms_unknown", Verdict: Immovable, Sentence: "It is paid by invoice, and does not say in how many days an invoice is due.",
			find: told(func(l *looked) bool { return l.Collection == "send_invoice" && l.DaysUntilDue == nil })},
		{Name: "pending_update", Verdict: Undecided, Sentence: "A change of it waits for a payment. It would be lost: what moves is how it is now.",
			find: asked("move it as it is now", func(l *looked) bool { return present(l.PendingUpdate) })},
		{Name: "pending_invoice_items", Verdict: Undecided, Sentence: "Its pending items are invoiced at an interval of their own, which the format cannot say.",
			find: asked("invoice pending items with the renewals", func(l *looked) bool { return present(l.PendingInterval) })},
	}
}

// endingStates are about subscriptions that end, or change, by themselves.
func endingStates() []State {
	ends := func(l *looked) bool { return l.CancelAtPeriodEnd || l.CancelAt > 0 && l.CancelAt <= l.end }
	return []State{
		{Name: "ending", Verdict: Undecided, Sentence: "It ends with the period that is paid. Left alone it ends without another charge; moved, the customer is charged once more.",
			find: func(l *looked) []Choice {
				if !ends(l) {
					return nil
				}
				return []Choice{skip(),
					{Word: "move_and_end", Means: "charge one more period, and end after it", apply: func(r *csvspec.Row) { r.CancelAtPeriodEnd = true }},
					move("go on without an end")}
			}},
		{Name: "cancel_at", Verdict: Undecided, Sentence: "It ends on a later date, and the format has no end date: moved, it goes on until somebody ends it.",
			find: func(l *looked) []Choice {
				if ends(l) || l.CancelAt == 0 {
					return nil
				}
				choices := []Choice{skip(), move("go on; you end it yourself on " + day(l.CancelAt))}
				if next := l.nextPeriodEnd(); next == l.CancelAt {
					choices = append(choices, Choice{Word: "move_and_end", Means: "end after one more period, which is that date", apply: func(r *csvspec.Row) { r.CancelAtPeriodEnd = true }})
				}
				return choices
			}},
		{Name: "scheduled", Verdict: Undecided, Sentence: "A subscription schedule manages it, and may change it later. Those changes would be lost.",
			find: asked("move it as it is now", func(l *looked) bool { return !l.Schedule.empty() })},
		{Name: "month_end", Verdict: Undecided, Sentence: "It renews on one of the last days of the month, and this period ends on the last day of a shorter one: moved now, it would renew on that earlier day for ever.",
			find: asked("renew on the earlier day", func(l *looked) bool {
				end, anchor := time.Unix(l.end, 0).UTC(), time.Unix(l.Anchor, 0).UTC()
				return l.Anchor > 0 && l.end > l.now && anchor.Day() > 28 && end.Day() < anchor.Day() && end.AddDate(0, 0, 1).Day() == 1 && l.byMonths()
			})},
	}
}

// byMonths tells whether it is billed by months or years.
func (l *looked) byMonths() bool {
	return len(l.Items.Data) > 0 && l.Items.Data[0].Price.Recurring != nil && strings.Contains("month year", l.Items.Data[0].Price.Recurring.Interval)
}

// nextPeriodEnd returns when the period after this one ends, 0 when that is not clear.
func (l *looked) nextPeriodEnd() int64 {
	if len(l.Items.Data) == 0 || l.Items.Data[0].Price.Recurring == nil {
		return 0
	}
	r := l.Items.Data[0].Price.Recurring
	end, n := time.Unix(l.end, 0).UTC(), int(r.Count)
	switch r.Interval {
	case "day":
		return end.AddDate(0, 0, n).Unix()
	case "week":
		return end.AddDate(0, 0, 7*n).Unix()
	case "year":
		n *= 12
	}
	return addMonths(end, n).Unix()
}

// addMonths adds months; a day that the month does not have is its last one.
func addMonths(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

func day(at int64) string { return time.Unix(at, 0).UTC().Format("2 Jan 2006") }

// moneyStates are about discounts and taxes.
func moneyStates() []State {
	return []State{
		{Name: "discount_over", Verdict: Ready, Sentence: "Its discount ends before the new one begins, so it moves without a coupon.",
			find: told(func(l *looked) bool { d := l.discounts(); return len(d) == 1 && over(d[0], l.end) })},
		{Name: "discount_runs_out", Verdict: Undecided, Sentence: "Its coupon holds for some more months. Given anew, it would begin again from the first month; a coupon with the remaining months is proposed in the file of coupons.",
			find: func(l *looked) []Choice {
				d := l.discounts()
				if len(d) != 1 || d[0].Coupon.Duration != "repeating" || over(d[0], l.end) {
					return nil
				}
				r := remainder(d[0], l.end)
				return []Choice{
					{Word: "remainder", Means: fmt.Sprintf("%s, a coupon for %d more months, which you create in the destination account", r.ID, r.Months), apply: withCoupon(r.ID)},
					{Word: "restart", Means: "the coupon " + d[0].Coupon.ID + " from its first month on", apply: withCoupon(d[0].Coupon.ID)},
					{Word: "none", Means: "no discount", apply: withCoupon("")}, skip()}
			}},
		{Name: "discounts", Verdict: Undecided, Sentence: "It has several discounts, and the format takes one coupon.",
			find: func(l *looked) []Choice {
				all := l.discounts()
				for _, i := range l.Items.Data {
					all = append(all, i.Discounts...)
				}
				if len(all) < 2 && !(len(all) == 1 && len(l.discounts()) == 0) {
					return nil
				}
				return append(couponChoices(all), skip())
			}},
		{Name: "customer_discount", Verdict: Undecided, Sentence: "The customer has a discount of its own, which a copy of customers to another account does not bring along.",
			find: func(l *looked) []Choice {
				if d := l.Customer.Discount; d != nil && len(l.discounts()) == 0 && !over(*d, l.end) {
					return append(couponChoices([]discount{*d}), skip())
				}
				return nil
			}},
		{Name: "discount_unknown", Verdict: Immovable, Sentence: "It has a discount whose coupon Stripe did not show, so nobody can say what it is worth.",
			find: told(func(l *looked) bool {
				unknown := func(d discount) bool { return d.Coupon.ID == "" }
				return l.Discount == nil && slices.ContainsFunc(l.Discounts, unknown) || slices.ContainsFunc(l.Items.Data, func(i item) bool { return slices.ContainsFunc(i.Discounts, unknown) })
			})},
		{Name: "several_tax_rates", Verdict: Undecided, Sentence: "It has several tax rates, or some for single items, and the format takes one for the whole subscription.",
			find: func(l *looked) []Choice {
				rates := slices.Clone(l.TaxRates)
				for _, i := range l.Items.Data {
					rates = append(rates, i.TaxRates...)
				}
				if len(rates) == len(l.TaxRates) && len(rates) < 2 {
					return nil
				}
				var choices []Choice
				for _, r := range rates {
					c := Choice{Word: "tax_rate:" + r.ID, Means: "this one for all", apply: func(row *csvspec.Row) { row.DefaultTaxRate = r.ID }}
					if !slices.ContainsFunc(choices, func(o Choice) bool { return o.Word == c.Word }) {
						choices = append(choices, c)
					}
				}
				return append(choices, Choice{Word: "none", Means: "no tax rate", apply: func(row *csvspec.Row) { row.DefaultTaxRate = "" }}, skip())
			}},
	}
}

func withCoupon(id string) func(*csvspec.Row) { return func(r *csvspec.Row) { r.Coupon = id } }

// couponChoices are the coupons of discounts, one of them or none.
func couponChoices(all []discount) (choices []Choice) {
	for _, d := range all {
		id := d.Coupon.ID
		if id != "" && !slices.ContainsFunc(choices, func(c Choice) bool { return c.Word == "coupon:"+id }) {
			choices = append(choices, Choice{Word: "coupon:" + id, Means: "this coupon, from its first month on", apply: withCoupon(id)})
		}
	}
	return append(choices, Choice{Word: "none", Means: "no discount", apply: withCoupon("")})
}

// over tells whether a discount has ended at a moment.
func over(d discount, at int64) bool { return d.End > 0 && d.End <= at }

// itemStates are about what is sold.
func itemStates() []State {
	any := func(is func(item) bool) func(*looked) bool {
		return func(l *looked) bool { return slices.ContainsFunc(l.Items.Data, is) }
	}
	return []State{
		{Name: "too_many_items", Verdict: Immovable, Sentence: "It has more than 20 items, and the format has columns for 20.",
			find: told(func(l *looked) bool { return len(l.Items.Data) > csvspec.MaxItems })},
		{Name: "metered", Verdict: Undecided, Sentence: "It is billed by usage. The source account bills the usage of this period when it ends; usage after that has to be reported to the destination account.",
			find: asked("usage after the period is reported to the destination account", any(func(i item) bool { return i.Price.metered() }))},
		{Name: "inline_price", Verdict: Ready, Sentence: "Its price is archived or was stated with the subscription, so the amount itself moves (ad-hoc): check the amount and the product.",
			find: told(func(l *looked) bool {
				return slices.ContainsFunc(l.Items.Data, func(i item) bool { return l.gone(i.Price) && adhoc(i.Price) })
			})},
		{Name: "inline_price_special", Verdict: Undecided, Sentence: "Its price is archived and cannot be stated as an amount (tiers, a part of a cent, usage, or every so many months): create one in the destination account and map it.",
			find: asked("use the price of the destination account that the map names", func(l *looked) bool {
				return slices.ContainsFunc(l.Items.Data, func(i item) bool { return l.gone(i.Price) && !adhoc(i.Price) })
			})},
		{Name: "tiers", Verdict: Ready, Sentence: "Its price has tiers: the destination account's price must have the same ones.",
			find: told(any(func(i item) bool { return i.Price.Scheme == "tiered" && i.Price.Active }))},
		{Name: "billing_thresholds", Verdict: Undecided, Sentence: "It is invoiced early when an amount or a usage is reached, which the format cannot say.",
			find: asked("invoice at the end of each period only", func(l *looked) bool {
				return present(l.Thresholds) || slices.ContainsFunc(l.Items.Data, func(i item) bool { return present(i.Thresholds) })
			})},
		{Name: "connected_account", Verdict: Immovable, Sentence: "It shares its revenue with a connected account (a fee, a transfer, on behalf of), which the format cannot say: the share would be lost.",
			find: told(func(l *looked) bool {
				return present(l.FeePercent) && string(l.FeePercent) != "0" || present(l.TransferData) || !l.OnBehalfOf.empty()
			})},
		{Name: "metadata", Verdict: Undecided, Sentence: "Some of its metadata has no place in the format: more than 48 keys, or keys that cannot be the name of a column.",
			find: asked("leave that metadata behind", func(l *looked) bool { _, left := carried(l.Metadata); return len(left) > 0 })},
		{Name: "metadata_replaced", Verdict: Ready, Sentence: "Its metadata has a key that the row writes itself (source, old_Stripe_sub_id, subferry, original_start_date): the old value stays behind.",
			find: told(func(l *looked) bool {
				return slices.ContainsFunc(ownKeys(), func(key string) bool { return l.Metadata[key] != "" && l.Metadata[key] != sourceValue })
			})},
		{Name: "description", Verdict: Ready, Sentence: "It has a description, for which the format has no column: the new one has none.",
			find: told(func(l *looked) bool { return l.Description != "" })},
	}
}

// adhoc tells whether a price can be stated as an amount.
func adhoc(p price) bool {
	return p.UnitAmount != nil && p.Scheme != "tiered" && !p.metered() && !present(p.Transform) && p.Recurring != nil && p.Recurring.Count == 1 && !p.Product.empty()
}

// customerStates are about the customer and how it pays.
func customerStates() []State {
	charged := func(l *looked) bool { return l.Collection != "send_invoice" }
	return []State{
		{Name: "customer_deleted", Verdict: Immovable, Sentence: "Its customer is deleted, and deleted customers are not copied to another account.",
			find: told(func(l *looked) bool { return l.Customer.Deleted })},
		{Name: "customer_missing", Verdict: Immovable, Sentence: "It names no customer.",
			find: told(func(l *looked) bool { return l.Customer.ID == "" })},
		{Name: "payment_method_left_behind", Verdict: Undecided, Sentence: "It is paid by a method that a copy to another account leaves behind (Bacs, ACSS, or SEPA as a source): the customer has to give it again before the new one begins.",
			find: asked("the customer gives a payment method again in time", func(l *looked) bool { return charged(l) && staysBehind(l.method()) })},
		{Name: "payment_method_missing", Verdict: Undecided, Sentence: "It is charged automatically, and neither it nor its customer has a payment method: its first charge would fail.",
			find: asked("the customer gives a payment method in time", func(l *looked) bool {
				return charged(l) && l.Customer.Expanded && !l.Customer.Deleted && l.method().empty()
			})},
		{Name: "payment_method_of_its_own", Verdict: Undecided, Sentence: "It is charged to a payment method of its own and not to the customer's default, which is all that the format knows: the new one would charge the default.",
			find: asked("charge the customer's default payment method", func(l *looked) bool {
				own, common := l.ownMethod(), l.customerMethod()
				return charged(l) && !own.empty() && l.Customer.Expanded && (common.empty() || common.ID != own.ID)
			})},
	}
}

func (l *looked) ownMethod() *ref {
	if !l.DefaultMethod.empty() {
		return &l.DefaultMethod
	}
	return &l.DefaultSource
}

func (l *looked) customerMethod() *ref {
	if !l.Customer.Default.empty() {
		return l.Customer.Default
	}
	return l.Customer.Source
}

// method returns what is charged.
func (l *looked) method() *ref {
	if own := l.ownMethod(); !own.empty() {
		return own
	}
	return l.customerMethod()
}

// staysBehind tells whether a copy of payment methods between accounts leaves this one behind.
func staysBehind(m *ref) bool {
	if m.empty() {
		return false
	}
	return m.Type == "bacs_debit" || m.Type == "acss_debit" || m.Type == "sepa_debit" && (m.Object == "source" || strings.HasPrefix(m.ID, "src_"))
}

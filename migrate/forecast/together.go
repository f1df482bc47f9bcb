package forecast

import (
	"cmp"
	"slices"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate/account"
)

// Interdependent tells whether what one row of a customer is charged changes what its others are: a balance is used up,
// and so is a discount that counts once.
func Interdependent(c account.Customer) bool {
	return c.Balance != 0 || c.Discount != nil && c.Discount.Coupon.Duration == "once"
}

// MovesBalance tells whether a charge uses the customer's balance or may leave something on it, so that the customer's
// other rows are charged less or more.
func (f *Forecast) MovesBalance() bool { return f.moves }

// Together returns the forecasts of all rows of one customer, in their order: the invoices of all of them use the
// customer's balance and discount in the order of time, those of one moment in the order of the rows. Each forecast
// lists what Of lists; invoices that are not listed are taken into account all the same as long as listed ones follow.
func Together(rows []*schedule.Planned, facts *account.Account, renewals int) []Forecast {
	t := newTogether(rows, facts)
	last := csvspec.Timestamp(0)
	for _, one := range t {
		one.moments = one.subscription.moments(renewals)
		one.listed = len(one.moments)
		if one.listed > 0 {
			last = max(last, one.moments[one.listed-1].at)
		}
	}
	if len(t) > 1 {
		for _, one := range t {
			if all := one.subscription.momentsUntil(last); len(all) > one.listed {
				one.moments = all
			}
		}
	}
	return t.forecasts()
}

// Until is Together with every invoice that is made up to a moment, instead of some renewals.
func Until(rows []*schedule.Planned, facts *account.Account, end csvspec.Timestamp) []Forecast {
	t := newTogether(rows, facts)
	for _, one := range t {
		one.moments = one.subscription.momentsUntil(end)
		one.listed = len(one.moments)
	}
	return t.forecasts()
}

// together are the subscriptions of one customer.
type together []*member

type member struct {
	subscription *subscription
	moments      []moment
	listed       int // the first ones of the moments, which the forecast shows
	next         int
	discounts    discounts
}

func newTogether(rows []*schedule.Planned, facts *account.Account) together {
	t, used := make(together, len(rows)), new(usedState)
	for i, planned := range rows {
		s := newSubscription(planned, facts)
		t[i] = &member{subscription: s, discounts: s.discounts(used)}
	}
	return t
}

// forecasts computes the invoices in the order of time.
func (t together) forecasts() []Forecast {
	list := make([]Forecast, len(t))
	for i, one := range t {
		s := one.subscription
		list[i] = Forecast{Currency: s.currency, Ends: s.end, Recurring: s.recurring()}
		list[i].CustomerCoupon, list[i].ReplacedCoupon = s.ownCoupon()
	}
	made := t.invoices()
	if len(t) > 1 {
		slices.SortStableFunc(made, func(a, b invoice) int { return cmp.Compare(a.finalized(), b.finalized()) })
	}
	if len(made) == 0 {
		return list
	}
	b := balance{least: t[0].subscription.customer.Balance, most: t[0].subscription.customer.Balance}
	for i := range made {
		b.settle(&made[i].charge)
		f := &list[made[i].member]
		f.moves = f.moves || made[i].charge.Balance != 0 || b != balance{}
	}
	if len(t) > 1 {
		slices.SortStableFunc(made, func(a, b invoice) int { return cmp.Compare(a.charge.At, b.charge.At) })
	}
	for i := range made {
		if one := &made[i]; one.number < t[one.member].listed {
			list[one.member].Charges = append(list[one.member].Charges, one.charge)
		}
	}
	return list
}

// invoice is one that a member makes.
type invoice struct {
	charge Charge
	member int
	number int // of the member's, from 0
}

// drafted is how long an invoice is a draft before it is finalized and takes the balance into account.
const drafted = csvspec.Timestamp(60 * 60)

// finalized returns when the invoice takes the balance into account: a subscription's first one at once if it is over
// 0, because nothing has to be collected for it.
func (i *invoice) finalized() csvspec.Timestamp {
	if i.number == 0 && i.charge.Known() && i.charge.Total == 0 {
		return i.charge.At
	}
	return i.charge.At + drafted
}

// invoices computes the invoices in the order in which they are made.
func (t together) invoices() (made []invoice) {
	for i := t.earliest(); i >= 0; i = t.earliest() {
		one := t[i]
		c := one.subscription.charge(one.moments[one.next], &one.discounts)
		m := invoice{charge: c, member: i, number: one.next}
		if end := one.subscription.end; !end.IsBlank() && c.Kind != Final && end < m.finalized() {
			m.charge.Unknown = note(c.Unknown, StaysDraft)
		}
		made = append(made, m)
		one.next++
	}
	return made
}

// earliest returns which member makes the next invoice; -1 when none does.
func (t together) earliest() int {
	first := -1
	for i, one := range t {
		if one.next < len(one.moments) && (first < 0 || one.moments[one.next].at < t[first].moments[t[first].next].at) {
			first = i
		}
	}
	return first
}

package forecast

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate/account"
)

// Forecast is what one row will be charged.
type Forecast struct {
	// Currency of all amounts; "" when the row names only prices that were not looked up.
	Currency string

	// Charges are the invoices in the order of time: the opening ones, if any, the first charge and the renewals. Two
	// open a trial of what is billed by usage: one on the start date, and one over 0 when the trial ends.
	Charges []Charge

	// Ends is when the subscription ends by itself; blank when it goes on.
	Ends csvspec.Timestamp

	// Recurring is what it earns for good.
	Recurring Recurring

	// CustomerCoupon is the coupon of the customer's own discount when that counts for this row; "" when it does not.
	CustomerCoupon string

	// ReplacedCoupon is the coupon of the customer's own discount when the row's coupon counts instead of it, as long as
	// the row's coupon lasts.
	ReplacedCoupon string

	moves bool // a charge uses the customer's balance, or may leave something on it
}

// Of returns the forecast of a planned row: its first charge and as many renewals as asked for, fewer when the
// subscription ends or when its interval is not known. Facts may be nil or lack objects: what depends on them is
// then unknown, with the reason.
//
// It is right for a row that is its customer's only one, and for one whose customer's other rows do not change what it
// is charged: see Interdependent and Forecast.MovesBalance. For others there is Together.
func Of(planned *schedule.Planned, facts *account.Account, renewals int) Forecast {
	return Together([]*schedule.Planned{planned}, facts, renewals)[0]
}

// First returns the first charge of what recurs, or of its usage; false when the row is never charged for that.
func (f *Forecast) First() (Charge, bool) {
	for _, c := range f.Charges {
		if c.Kind != Opening {
			return c, true
		}
	}
	return Charge{}, false
}

// Opening returns the invoice on the start date that bills nothing but one-off items; false when there is none.
func (f *Forecast) Opening() (Charge, bool) {
	if len(f.Charges) > 0 && f.Charges[0].Kind == Opening {
		return f.Charges[0], true
	}
	return Charge{}, false
}

// AssumeMadeUp notes that the account was made up. A row that names a price, a coupon or a tax rate rests on what was made
// up; of one that states its amounts itself only the customer was.
func (f *Forecast) AssumeMadeUp(planned *schedule.Planned) {
	phase := &planned.Schedule.Phase
	named := phase.Coupon != "" || phase.DefaultTaxRate != ""
	for _, item := range phase.Items {
		named = named || item.Price != ""
	}
	if named {
		f.Assume(MadeUpAccount)
	} else {
		f.Assume(CustomerNotLookedUp)
	}
}

// Assume adds an assumption that all charges rest on.
func (f *Forecast) Assume(a Assumption) {
	for i := range f.Charges {
		f.Charges[i].assume(a)
	}
}

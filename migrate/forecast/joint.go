package forecast

import (
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate/account"
)

// Joint finds the rows of a file that have to be forecast together with other rows of their customer, and forecasts
// them. It is shown every row twice: by See, and then, if More says so, by Keep. What it remembers are customers with a
// balance, a discount for once or charges that leave something on it, and of those who have several rows, their rows.
type Joint struct {
	facts *account.Account
	rows  map[string]int  // of customers that are Interdependent
	moved map[string]bool // customers of whom a row by itself moves the balance
	kept  map[string]*jointRows
}

// jointRows are all rows of one customer, in the order of the file.
type jointRows struct {
	numbers []int64
	planned []*schedule.Planned
}

// NewJoint returns a Joint for a file that is meant for the account; facts may be nil.
func NewJoint(facts *account.Account) *Joint {
	if facts == nil {
		facts = &account.Account{}
	}
	return &Joint{facts: facts, rows: map[string]int{}, moved: map[string]bool{}, kept: map[string]*jointRows{}}
}

// See looks at a row for the first time.
func (j *Joint) See(planned *schedule.Planned) {
	customer := planned.Schedule.Customer
	if Interdependent(j.facts.Customers[customer]) {
		j.rows[strings.Clone(customer)]++
		return
	}
	if j.moved[customer] {
		return
	}
	if f := Of(planned, j.facts, changing(planned, j.facts)); f.MovesBalance() {
		j.moved[strings.Clone(customer)] = true
	}
}

// changing returns after how many renewals of a row all invoices are alike: from the first one on, or once the discounts
// that end are over.
func changing(planned *schedule.Planned, facts *account.Account) int {
	own := facts.Customers[planned.Schedule.Customer].Discount
	if planned.Schedule.Phase.Coupon == "" && own == nil {
		return 1
	}
	s := newSubscription(planned, facts)
	d := s.discounts(new(usedState))
	return len(s.momentsUntil(max(d.row.until, d.own.until))) + 1
}

// More tells whether there may be rows to Keep.
func (j *Joint) More() bool {
	for _, n := range j.rows {
		if n > 1 {
			return true
		}
	}
	return len(j.moved) > 0
}

// Keep looks at a row for the second time. planned must stay as it is.
func (j *Joint) Keep(row int64, planned *schedule.Planned) {
	customer := planned.Schedule.Customer
	if j.rows[customer] < 2 && !j.moved[customer] {
		return
	}
	if j.kept[customer] == nil {
		j.kept[customer] = &jointRows{}
	}
	k := j.kept[customer]
	k.numbers, k.planned = append(k.numbers, row), append(k.planned, planned)
}

// Forecasts returns the forecasts of the rows that depend on each other, by their numbers, as Together makes them.
func (j *Joint) Forecasts(renewals int) map[int64]Forecast {
	return j.all(func(rows []*schedule.Planned) []Forecast { return Together(rows, j.facts, renewals) })
}

// Until returns the forecasts of the rows that depend on each other, by their numbers, as the function Until makes them.
func (j *Joint) Until(end csvspec.Timestamp) map[int64]Forecast {
	return j.all(func(rows []*schedule.Planned) []Forecast { return Until(rows, j.facts, end) })
}

func (j *Joint) all(of func([]*schedule.Planned) []Forecast) map[int64]Forecast {
	all := map[int64]Forecast{}
	for _, k := range j.kept {
		if len(k.numbers) < 2 {
			continue
		}
		for i, f := range of(k.planned) {
			all[k.numbers[i]] = f
		}
	}
	return all
}

package serve

import (
	"fmt"
	"slices"
	"time"

	"golang.org/x/text/language"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/internal/page"
	"github.com/subferry/subferry/migrate/internal/sums"
	"github.com/subferry/subferry/migrate/plan"
	"github.com/subferry/subferry/migrate/serve/jobs"
	"github.com/subferry/subferry/migrate/serve/store"
)

// stepView is a step of the way that a file takes, as the head of its page shows it.
type stepView struct {
	Text       string // a key of the catalogue
	Done, Here bool
	At         int
	Of         string // its place, 2/5
}

// stepsOf returns the way of a move, and where it is. A canceled one is on no way.
func (s *Server) stepsOf(m store.Move) []stepView {
	way := []string{"Check the file", "Look at it and start", "Create", "Watch"}
	if s.door.Roles() {
		way = []string{"Check the file", "Look at it and start", "Approve", "Create", "Watch"}
	}
	here := map[store.State]string{
		store.Reviewing: way[0], store.Invalid: way[0], store.Failed: way[0], store.Reviewed: way[1], store.AwaitingApproval: "Approve",
		store.Running: "Create", store.CanaryDone: "Create", store.Paused: "Create", store.Scheduled: "Watch",
	}[m.State]
	at := slices.Index(way, here)
	if at < 0 {
		return nil
	}
	var list []stepView
	for i, text := range way {
		list = append(list, stepView{Text: text, Done: i < at, Here: i == at, At: i + 1, Of: fmt.Sprintf("%d/%d", i+1, len(way))})
	}
	return list
}

// totalView is what is charged in one currency.
type totalView struct {
	Currency             string
	First, Renewals, All plan.Sum
	Monthly              int64 // recurring
	HasMonthly           bool
}

// totalsOf returns the totals of a review by currency. Charges of prices that were not looked up have none.
func totalsOf(r *jobs.Review) []totalView {
	var list []totalView
	for _, t := range r.Totals {
		if t.Currency == "" {
			continue
		}
		v := totalView{Currency: t.Currency, First: t.First, Renewals: t.Renewals, All: t.All}
		for _, recurring := range r.Recurring {
			if recurring.Currency == t.Currency {
				v.Monthly, v.HasMonthly = recurring.Monthly, true
			}
		}
		list = append(list, v)
	}
	return list
}

// currencyCharts shows when money in one currency is charged.
type currencyCharts struct {
	Currency string
	Chart    page.Chart
	Months   []month
	Rest     int // months that are not drawn
	Table    []monthLine
}

// monthLine is a line of the table of months.
type monthLine struct {
	Title   string
	Charges int64
	Due     int64
}

// month is one of the calendar.
type month struct {
	Title string
	Days  []string
	Weeks [][]cell
}

// cell is a day of a calendar.
type cell struct {
	Day     int // 0 is none of this month
	Charges int64
	Amount  string // short
	Title   string
}

// mostMonths is how many months are drawn as calendars.
const mostMonths = 6

// chartsOf draws the days of a review.
func chartsOf(r *jobs.Review, lang language.Tag) []currencyCharts {
	var all []sums.Day
	for _, d := range r.Days {
		at, err := time.Parse(time.DateOnly, d.Date)
		if err != nil {
			continue // never of a plan
		}
		all = append(all, sums.Day{Date: csvspec.At(at), Currency: d.Currency, Sums: sums.Sums{Charges: d.Charges, Amount: d.AmountDue, Invoiced: d.Total}})
	}
	var list []currencyCharts
	for _, t := range totalsOf(r) {
		days := sums.InCurrency(all, t.Currency)
		if len(days) == 0 {
			continue
		}
		c := currencyCharts{Currency: t.Currency, Chart: page.Draw(days, t.Currency)}
		for _, m := range sums.Months(days) {
			title := m.From.Time().Format("January 2006")
			if lang == language.Japanese {
				title = m.From.Time().Format("2006年1月")
			}
			c.Table = append(c.Table, monthLine{title, m.Charges, m.Amount})
			if len(c.Months) < mostMonths {
				c.Months = append(c.Months, monthOf(m.From.Time(), title, days, t.Currency, lang))
			} else {
				c.Rest++
			}
		}
		list = append(list, c)
	}
	return list
}

// monthOf lays out a month in weeks that begin on Monday, and on Sunday in Japanese.
func monthOf(first time.Time, title string, days []sums.Day, currency string, lang language.Tag) month {
	names, begins := []string{"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"}, time.Monday
	if lang == language.Japanese {
		names, begins = []string{"日", "月", "火", "水", "木", "金", "土"}, time.Sunday
	}
	m := month{Title: title, Days: names}
	at := first.AddDate(0, 0, -(int(first.Weekday()-begins)+7)%7)
	for at.Before(first.AddDate(0, 1, 0)) {
		week := make([]cell, 7)
		for i := range week {
			if at.Month() == first.Month() {
				week[i] = cellOf(at, days, currency)
			}
			at = at.AddDate(0, 0, 1)
		}
		m.Weeks = append(m.Weeks, week)
	}
	return m
}

func cellOf(at time.Time, days []sums.Day, currency string) cell {
	c := cell{Day: at.Day()}
	for _, d := range days {
		if d.Date == csvspec.At(at) && d.Charges > 0 {
			c.Charges += d.Charges
			c.Title = page.Money(d.Amount, currency)
			c.Amount = short(d.Amount, currency)
		}
	}
	return c
}

// short writes an amount so that it fits into a cell of a calendar: whole units, thousands as k and millions as M. The exact
// one stands in the cell's title and in the table.
func short(minor int64, currency string) string {
	var whole int64
	if _, err := fmt.Sscanf(csvspec.Money{Minor: minor, Currency: currency}.String(), "%d", &whole); err != nil {
		return "" // never of an amount
	}
	switch {
	case whole >= 10_000_000:
		return fmt.Sprintf("%dM", whole/1_000_000)
	case whole >= 10_000:
		return fmt.Sprintf("%dk", whole/1000)
	}
	return fmt.Sprint(whole)
}

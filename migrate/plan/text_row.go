package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/forecast"
)

// String returns the row in one line for people: where it stands, whose it is, how it starts, what it is charged.
func (r *Row) String() string {
	return fmt.Sprintf("line %d  %s  %s  %s", r.Line, r.Customer, r.Strategy, r.charges())
}

// charges lists what the row is charged: 2027-03-11 09:00 19.99 USD every month, then 2027-04-11 …
func (r *Row) charges() string {
	var parts []string
	for i := range r.Charges {
		c := &r.Charges[i]
		text := r.charge(c)
		if c.Kind == forecast.Renewal && i > 0 && !r.Charges[i-1].Until.IsBlank() {
			text += r.everyText() // the first whole period
		}
		if text != "" {
			parts = append(parts, text)
		}
	}
	if len(parts) == 0 {
		parts = append(parts, "never charged")
	}
	if r.CollectionMethod == "send_invoice" && r.DaysUntilDue != nil {
		parts = append(parts, fmt.Sprintf("invoices due in %d days", *r.DaysUntilDue))
	}
	if !r.Ends.IsZero() {
		parts = append(parts, "ends "+r.Ends.Format(time.DateOnly))
	}
	if assumed := r.assumed(); assumed != "" {
		parts = append(parts, "assumed: "+assumed)
	}
	return strings.Join(parts, ", ")
}

// assumed names what the row's charges rest on besides the account; "" when they rest on nothing else. What the whole
// plan rests on is said once, below the rows.
func (r *Row) assumed() string {
	var words []string
	for _, a := range forecast.Assumptions() {
		if onceForAll(a) {
			continue
		}
		if slices.ContainsFunc(r.Charges, func(c forecast.Charge) bool { return c.Known() && slices.Contains(c.Assumptions, a) }) {
			words = append(words, string(a))
		}
	}
	return strings.Join(words, ", ")
}

// onceForAll tells whether an assumption is said below the rows alone, because usually all of them rest on it.
func onceForAll(a forecast.Assumption) bool {
	return a == forecast.MadeUpAccount || a == forecast.CustomerNotLookedUp
}

// charge writes one charge; an opening invoice over 0 is none.
func (r *Row) charge(c *forecast.Charge) string {
	amount := amountText(c)
	switch c.Kind {
	case forecast.Opening:
		if c.OneOffs == 0 && c.Nothing() {
			return ""
		}
		return c.At.Time().Format("2006-01-02 15:04") + " once " + amount
	case forecast.Renewal:
		return "then " + c.At.Time().Format(time.DateOnly) + " " + amount
	case forecast.Final:
		return "at the end " + c.At.Time().Format(time.DateOnly) + " " + amount
	}
	text := c.At.Time().Format("2006-01-02 15:04") + " " + amount
	if !c.Until.IsBlank() {
		return fmt.Sprintf("%s for %s of %s days (until %s)", text, days(c.At, c.Until), days(c.At, c.Whole), c.Until.Time().Format(time.DateOnly))
	}
	return text + r.everyText()
}

// days writes how many days lie between two moments, to a tenth where they are no whole ones.
func days(from, to csvspec.Timestamp) string {
	tenths := (int64(to-from)*10 + 43200) / 86400
	if tenths%10 == 0 {
		return strconv.FormatInt(tenths/10, 10)
	}
	return fmt.Sprintf("%d.%d", tenths/10, tenths%10)
}

// everyText says how often a row is charged that does not end: " every 3 months".
func (r *Row) everyText() string {
	if r.Every == "" || !r.Ends.IsZero() {
		return ""
	}
	return " every " + strings.TrimPrefix(r.Every, "1 ")
}

// ofTotal says how the amount due follows from the total.
func ofTotal(c *forecast.Charge, money func(int64) string) string {
	switch minimum, _ := csvspec.MinimumCharge(c.Currency); {
	case c.Due == 0 && c.Total > 0 && c.Total < minimum:
		return " (invoice of " + money(c.Total) + ", too little to be charged, carried on the balance)"
	case c.Balance < 0:
		return " (invoice of " + money(c.Total) + ", " + money(-c.Balance) + " of it from the balance)"
	}
	return " (invoice of " + money(c.Total) + " and " + money(c.Balance) + " owed on the balance)"
}

// amountText writes what a charge comes to, or what is known of it and why the rest is not.
func amountText(c *forecast.Charge) string {
	money := func(minor int64) string { return csvspec.Money{Minor: minor, Currency: c.Currency}.String() }
	before, ok := c.BeforeTax()
	switch {
	case c.Known() && c.Due == c.Total:
		return money(c.Total)
	case c.Known():
		return money(c.Due) + " due" + ofTotal(c, money)
	case ok:
		return money(before) + " plus tax"
	}
	var why []string
	for _, reason := range c.Unknown {
		why = append(why, string(reason))
	}
	text := "unknown (" + strings.Join(why, ", ") + ")"
	if known := c.Items + c.OneOffs; known > 0 {
		text = money(known) + " and " + text
	}
	return text
}

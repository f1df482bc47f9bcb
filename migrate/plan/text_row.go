package plan

import (
	"fmt"
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
		if text := r.charge(&r.Charges[i]); text != "" {
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
	return strings.Join(parts, ", ")
}

// charge writes one charge; an opening invoice over 0 is none.
func (r *Row) charge(c *forecast.Charge) string {
	amount := amountText(c)
	switch c.Kind {
	case forecast.Opening:
		if c.OneOffs == 0 && c.Known() {
			return ""
		}
		return c.At.Time().Format("2006-01-02 15:04") + " once " + amount
	case forecast.Renewal:
		return "then " + c.At.Time().Format(time.DateOnly) + " " + amount
	case forecast.Final:
		return "at the end " + c.At.Time().Format(time.DateOnly) + " " + amount
	}
	text := c.At.Time().Format("2006-01-02 15:04") + " " + amount
	if r.Every != "" && r.Ends.IsZero() {
		text += " every " + strings.TrimPrefix(r.Every, "1 ")
	}
	return text
}

// amountText writes what a charge comes to, or what is known of it and why the rest is not.
func amountText(c *forecast.Charge) string {
	money := func(minor int64) string { return csvspec.Money{Minor: minor, Currency: c.Currency}.String() }
	before, ok := c.BeforeTax()
	switch {
	case c.Known():
		return money(c.Total)
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

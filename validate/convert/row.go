package convert

import (
	"slices"
	"strconv"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/dates"
)

// subscription is a row as it will be.
type subscription struct {
	customer, start, price, quantity        string
	currency, coupon, taxRate, automaticTax string
	collection, daysUntilDue, backdate, id  string
}

// notLive returns the row as one whose subscription must not begin anew: it is over, ends by itself, or waits for a
// decision; nil for a live one.
func (c *converter) notLive(x exported) *Left {
	switch {
	case x.status == "canceled", x.status == "incomplete", x.status == "incomplete_expired", x.status == "ended":
		return x.left(Ended, "its status is %s", x.status)
	case x.endedAt != "":
		return x.left(Ended, "it ended at %s", x.endedAt)
	case x.atEnd == "true", x.atEnd == "yes":
		return x.left(Ending, "it is canceled for the end of the period that is paid: started anew, it would be charged once more")
	case x.cancelAt != "":
		return x.left(Ending, "it ends at %s, and the format has no end date", x.cancelAt)
	case x.canceledAt != "":
		return x.left(Ending, "it was canceled at %s and has not ended yet: started anew, it would be charged once more", x.canceledAt)
	case x.status == "active", x.status == "trialing":
		return nil
	case !slices.Contains(Statuses(), x.status):
		return x.left(Unclear, "the status %q is not known", x.status)
	case !slices.Contains(c.opts.Include, x.status):
		return x.left(Waiting, "its status is %s: --include %s takes such rows", x.status, x.status)
	}
	return nil
}

// Statuses returns the statuses that have to be asked for.
func Statuses() []string { return []string{"past_due", "unpaid", "paused"} }

// WithoutMethod is what takes, like a status, the subscriptions of customers whose payment methods were not copied.
const WithoutMethod = "without_payment_method"

// Includable returns what Options.Include may hold.
func Includable() []string { return append(Statuses(), WithoutMethod) }

// arrived refuses a row whose customer is not in the destination account, or is there without a payment method.
func (c *converter) arrived(x exported) *Left {
	to := c.opts.Customers
	switch {
	case !to.Given():
		return nil
	case to.Get(x.customer) == "":
		return x.left(NotCopied, "%s is not in the file of copied customers: deleted customers are not copied, nor those who came after the copy; copy the customer, or leave it", x.customer)
	case to.Methods(x.customer) == 0 && x.collection != "send_invoice" && !slices.Contains(c.opts.Include, WithoutMethod):
		return x.left(Waiting, "no payment method of %s was copied (Bacs, ACSS and SEPA sources stay behind), and the first charge would fail: ask the customer for one; --include %s takes such rows",
			x.customer, WithoutMethod)
	}
	return nil
}

// customer returns the customer's ID in the destination account.
func (c *converter) customer(x exported) string {
	if c.opts.Customers.Given() {
		return c.opts.Customers.Get(x.customer)
	}
	return x.customer
}

// convert returns the record of a row, or why there is none.
func (c *converter) convert(x exported) ([]string, *Left) {
	for _, check := range []func(exported) *Left{c.notLive, c.complete, c.sayable, c.arrived} {
		if left := check(x); left != nil {
			return nil, left
		}
	}
	n := subscription{
		customer: c.customer(x), price: c.opts.Map.Get(KindPrice, x.plan), currency: x.currency, coupon: c.opts.Map.Get(KindCoupon, x.coupon),
		automaticTax: x.automaticTax, collection: x.collection, id: x.id, quantity: whole(x.quantity), daysUntilDue: whole(x.daysUntilDue),
	}
	if x.taxed() {
		n.taxRate = c.opts.Map.Get(KindTaxRate, x.tax)
	}
	if left := c.times(x, &n); left != nil {
		return nil, left
	}
	record := []string{n.customer, n.start, n.price, n.quantity}
	for _, o := range c.columns.optional() {
		record = append(record, o.cell(n))
	}
	record = append(record, "none", n.id, "internal:Stripe")
	return append(record, x.metadata...), nil
}

// complete refuses a row in which something is missing that every subscription has.
func (c *converter) complete(x exported) *Left {
	switch {
	case x.id == "":
		return x.left(Unclear, "it has no ID")
	case c.seen[x.id] > 1:
		return x.left(Several, "%s stands in %d rows, one for each of its prices: write it by hand, with items.0.price and so on", x.id, c.seen[x.id])
	case x.customer == "":
		return x.left(Unclear, "it has no customer")
	case x.plan == "":
		return x.left(Unclear, "it names no plan: it may have several prices; write it by hand, with items.0.price and so on")
	}
	return nil
}

// sayable refuses a row with something that the format cannot say, or that cannot be read.
func (c *converter) sayable(x exported) *Left {
	method := x.collection
	switch {
	case x.quantity != "" && whole(x.quantity) == "":
		return x.left(Unclear, "the quantity %q is not a whole number", x.quantity)
	case strings.Trim(x.fee, "0.,% ") != "":
		return x.left(Unclear, "it has an application fee of %s percent, and the format has none", x.fee)
	case method != "" && method != "charge_automatically" && method != "send_invoice":
		return x.left(Unclear, "the collection method %q is not known", method)
	case method == "send_invoice" && whole(x.daysUntilDue) == "":
		return x.left(Unclear, "it is invoiced, and the export does not say in how many days the invoice is due")
	case x.daysUntilDue != "" && (whole(x.daysUntilDue) == "" || method == "charge_automatically"):
		return x.left(Unclear, "%q days until due do not fit the collection method %q", x.daysUntilDue, method)
	case x.automaticTax != "" && x.automaticTax != "true" && x.automaticTax != "false":
		return x.left(Unclear, "automatic tax is %q, neither true nor false", x.automaticTax)
	}
	return nil
}

// times fills in the dates: the subscription begins when what is paid ends, and keeps the day on which it began.
func (c *converter) times(x exported, n *subscription) *Left {
	end := c.moment(x.periodEnd)
	if !end.Exact {
		return x.left(Unclear, "the end of its period, %q, cannot be read as a date", x.periodEnd.text)
	}
	if trial := c.moment(x.trialEnd); x.status == "trialing" && x.trialEnd.text != "" && (!trial.Exact || trial.At != end.At) {
		return x.left(Unclear, "its trial ends at %s, which is not the end of its period, %s", x.trialEnd.text, x.periodEnd.text)
	}
	if end.At <= csvspec.At(c.opts.Now) {
		return x.left(Passed, "its period ended at %s: a newer export knows the next one", x.periodEnd.text)
	}
	n.start = unix(end.At)
	if x.start.text == "" {
		return nil
	}
	begun := c.moment(x.start)
	if !begun.Exact || begun.Kind == dates.None {
		return x.left(Unclear, "its start, %q, cannot be read as a date", x.start.text)
	}
	if begun.At < csvspec.At(c.opts.Now) {
		n.backdate = unix(begun.At)
	}
	return nil
}

// whole returns a whole number without the decimals that programs add, "" for anything else.
func whole(text string) string {
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		return text
	}
	return validate.WholeNumber(text)
}

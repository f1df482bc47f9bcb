package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate/convert"
)

// meaning is what it means to the customer that a field is not as the row asks for. The sentence gets the expected and the
// found value, in that order; the first entry whose side, field and test fit counts.
type meaning struct {
	side     Side
	field    string // the last part of the field's name, or the whole of it
	when     func(v Value) bool
	sentence string
}

func nothingFound(v Value) bool    { return v.Found == "" }
func nothingExpected(v Value) bool { return v.Expected == "" }
func later(v Value) bool           { return v.Found > v.Expected } // moments in RFC 3339

// meanings returns every kind of difference with its sentence: %s stands for the value that was expected, and for the one
// that was found.
func meanings() []meaning {
	return slices.Concat(destinationMeanings(), moneyMeanings(), sourceMeanings(), invoiceMeanings())
}

func destinationMeanings() []meaning {
	return []meaning{
		{Destination, "row", nil, "The customer has no subscription in the new account for this row: it was to be %[1]s and is %[2]s."},
		{Destination, "object", nothingFound, "%[1]s, which the migration created for this row, does not exist any more: nobody will charge this customer."},
		{Destination, "customer", nil, "Another customer would pay: the row says %[1]s, and the subscription belongs to %[2]s."},
		{Destination, "status", nil, "The subscription is %[2]s, so the customer is not charged as the row asks; it was expected to be %[1]s."},
		{Destination, "start_date", nil, "The first day differs: the row starts at %[1]s, and Stripe starts at %[2]s."},
		{Destination, "backdate_start_date", nil, "The subscription shows another original start date: the row says %[1]s, and Stripe %[2]s."},
		{Destination, "end_date", nil, "The schedule hands over at another moment: %[1]s was planned, and Stripe has %[2]s."},
		{Destination, "ends", nothingFound, "The subscription is to end at %[1]s and would go on and charge."},
		{Destination, "ends", nothingExpected, "The subscription is to go on, and ends at %[2]s: somebody has canceled it, and nobody is charged after that."},
		{Destination, "ends", nil, "The subscription ends at another moment: the row says %[1]s, and Stripe %[2]s."},
		{Destination, "end_behavior", nil, "What happens after the first period differs: %[1]s was planned (release lets the subscription go on, cancel ends it), and Stripe has %[2]s."},
		{Destination, "trial_end", nothingFound, "The customer is to be free until %[1]s and would be charged at once."},
		{Destination, "trial_end", nothingExpected, "The customer is to be charged from the start and is free until %[2]s."},
		{Destination, "trial_end", nil, "The free time ends at another moment: the row says %[1]s, and Stripe %[2]s."},
		{Destination, "billing_cycle_anchor", nil, "The customer is charged on another day: renewals count from %[1]s in the row and from %[2]s in Stripe."},
		{Destination, "proration_behavior", nil, "Parts of a period are charged differently: the row says %[1]s, and Stripe has %[2]s."},
		{Destination, "phases", nil, "Somebody has changed what the schedule does later: it has %[2]s phases instead of %[1]s."},
		{Destination, schedule.TagKey, nil, "The mark by which the migration finds its own (%[1]s) is gone or another one (%[2]q): a later command could take this subscription for somebody else's."},
	}
}

func moneyMeanings() []meaning {
	return []meaning{
		{Destination, "price", nothingFound, "The customer is not charged for %[1]s: the item is missing."},
		{Destination, "price", nil, "The customer pays another price: the row says %[1]s, and Stripe has %[2]s."},
		{Destination, "quantity", nil, "The customer pays for another number of units: the row says %[1]s, and Stripe has %[2]s."},
		{Destination, "add_invoice_items", nil, "The customer's first invoice has a one-off charge that the row does not have: %[2]s."},
		{Destination, "amount", nothingFound, "The customer is not charged %[1]s: the item is missing."},
		{Destination, "amount", nil, "The customer pays another amount: the row says %[1]s, and Stripe has %[2]s."},
		{Destination, "product", nil, "The amount is booked on another product: the row says %[1]s, and Stripe has %[2]s."},
		{Destination, "interval", nil, "The customer is charged at another interval: every %[1]s in the row, every %[2]s in Stripe."},
		{Destination, "currency", nil, "The customer is charged in another currency: the row says %[1]s, and Stripe has %[2]s."},
		{Destination, "items", nil, "The customer pays for something that the row does not have: %[2]s."},
		{Destination, "coupon", nothingFound, "The discount %[1]s was lost: the customer pays the full price. migrate verify --repair can give it back."},
		{Destination, "coupon", nothingExpected, "The customer has a discount that the row does not have: %[2]s."},
		{Destination, "coupon", nil, "The customer has another discount: the row says %[1]s, and Stripe has %[2]s."},
		{Destination, "default_tax_rate", nothingFound, "No tax is added: the row's tax rate %[1]s is missing."},
		{Destination, "default_tax_rate", nil, "The customer pays another tax: the row says %[1]q, and Stripe has %[2]q."},
		{Destination, "automatic_tax", nil, "Stripe Tax is to compute the tax: %[1]s in the row, %[2]s in Stripe."},
		{Destination, "collection_method", nil, "The customer pays in another way: the row says %[1]s (a card is charged, or an invoice is sent), and Stripe has %[2]s."},
		{Destination, "days_until_due", nil, "Invoices are due after another number of days: the row says %[1]q, and Stripe has %[2]q."},
		{Destination, "metadata", nil, "The note that the row keeps with the subscription differs: %[1]q was expected, and Stripe has %[2]q; reports that go by it would be wrong."},
	}
}

// acknowledge says what to do about other terms.
const acknowledge = " Name the right one in the map and move the row again; when this is meant, write \"" + convert.AcceptedTerms + "\" into the map's column " +
	convert.AcceptedColumn + ", and give the map with --map."

func sourceMeanings() []meaning {
	return []meaning{
		{Source, "subscription", nil, "The old account has no subscription %[1]s: the row names one that does not exist, or the key is another account's."},
		{Source, "status", func(v Value) bool { return v.Found == "canceled" || v.Found == "incomplete_expired" },
			"The old subscription has ended (%[2]s): the customer has left since the file was made, and the new one would charge all the same."},
		{Source, "status", nil, "The old subscription is %[2]s instead of %[1]s: the customer owes for it, and the new one would begin to charge as if nothing were owed."},
		{Source, "pause_collection", nil, "The old subscription's payments are paused (%[2]s): the new one would charge again."},
		{Source, "cancel_at_period_end", func(v Value) bool { return strings.HasSuffix(v.Found, beforeRun) },
			"The old subscription was to end by itself already when the migration was run, and the new one would go on and charge: cancel the new one, " +
				"or give what was decided about it with --decisions."},
		{Source, "cancel_at_period_end", func(v Value) bool { return v.Found == "true" },
			"The customer has canceled the old subscription since the file was made, and the new one would go on and charge. If that was known and it is to go on, " +
				"say so in the file of decisions (--decisions), in a line with this subscription's ID: one for all (*) does not cover who cancels after the run."},
		{Source, "cancel_at_period_end", nil, "The customer has taken back the cancellation of the old subscription, and the new one would end with its first period."},
		{Source, "current_period_end", later, "What the customer has paid the old account for lasts until %[2]s, and the new one charges from %[1]s on: the time between is paid twice."},
		{Source, "current_period_end", nil, "What the customer has paid the old account for ends at %[2]s, before the new one takes over at %[1]s: the old one charges again, or there is a gap."},
		{Source, "price", nothingFound, "The old subscription does not have %[1]s: the customer has changed what is bought since the file was made."},
		{Source, "discount.terms", nil, "The discount is another one: %[1]s in the new account, instead of %[2]s in the old one." + acknowledge},
		{Source, "terms", nil, "The customer would pay something else: %[1]s in the new account, instead of %[2]s in the old one." + acknowledge},
		{Source, "price", nil, "The price is another one: the row says %[1]s, and the old subscription's price stands for %[2]s."},
		{Source, "amount", nothingFound, "The old subscription has no item of %[1]s: the customer has changed what is bought since the file was made."},
		{Source, "amount", nil, "The amount is another one: the row says %[1]s, and the old subscription costs %[2]s."},
		{Source, "product", nil, "The amount is for another product: the row says %[1]s, and the old subscription's product stands for %[2]s."},
		{Source, "interval", nil, "The old subscription is charged at another interval: every %[1]s in the row, every %[2]s there."},
		{Source, "quantity", nil, "The customer has changed the quantity since the file was made: the row says %[1]s, and the old subscription has %[2]s."},
		{Source, "items", nil, "The old subscription has an item that the row does not have, and which would no longer be charged: %[2]s."},
		{Source, "discount", nothingExpected, "The old subscription has the discount %[2]s, and the row has none: the customer would pay more."},
		{Source, "discount", nothingFound, "The row has the discount %[1]s, and the old subscription has none: the customer would pay less."},
		{Source, "discount", nil, "The discount is another one: the row says %[1]s, and the old subscription's stands for %[2]s."},
	}
}

func invoiceMeanings() []meaning {
	return []meaning{
		{Upcoming, "created", nothingFound, "Stripe has no next invoice, although one was planned for %[1]s."},
		{Upcoming, "created", nothingExpected, "Stripe is about to make an invoice on %[2]s, and none was planned."},
		{Upcoming, "created", nil, "The next invoice comes at another moment: %[1]s was planned, and Stripe says %[2]s."},
		{Upcoming, "currency", nil, "The next invoice is in another currency: %[1]s was planned, and Stripe says %[2]s."},
		{Upcoming, "total", nil, "The next invoice comes to another amount: %[1]s was planned, and Stripe says %[2]s."},
		{Upcoming, "amount_due", nil, "What is collected with the next invoice differs: %[1]s was planned, and Stripe says %[2]s."},
	}
}

// sentenceOf says in a sentence what a difference means.
func sentenceOf(v Value) string {
	last := v.Field[strings.LastIndexByte(v.Field, '.')+1:]
	if strings.Contains(v.Field, "metadata.") && last != schedule.TagKey { // its keys may be called like fields
		last = "metadata"
	}
	for _, m := range meanings() {
		if m.side == v.Side && (m.field == v.Field || m.field == last) && (m.when == nil || m.when(v)) {
			return sprint(m.sentence, v)
		}
	}
	return sprint("%[1]q was expected, and %[2]q was found.", v)
}

// sprint puts both values into a sentence, whichever of them it names.
func sprint(sentence string, v Value) string {
	expected, found := v.Expected, v.Found
	if !strings.Contains(sentence, "%[1]q") && expected == "" {
		expected = "nothing"
	}
	if !strings.Contains(sentence, "%[2]q") && found == "" {
		found = "nothing"
	}
	text := strings.NewReplacer("%[1]s", expected, "%[2]s", found, "%[1]q", fmt.Sprintf("%q", expected), "%[2]q", fmt.Sprintf("%q", found)).Replace(sentence)
	return text
}

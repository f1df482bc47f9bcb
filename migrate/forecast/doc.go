// Package forecast computes what a planned row will be charged: when, how much, and what the amount is made of. It is
// pure, works on integers, and knows nothing of the sandbox, whose billing is computed apart from it so that each
// checks the other.
//
// # The rules
//
//   - An invoice is made at the start of each period. Without free time the first period begins on the start date;
//     with it (a trial, or the bridge to a billing anchor), a first invoice on the start date bills nothing but the
//     add_invoice_items, and the cycle is anchored at the end of the free time. Periods are counted from the anchor, so
//     that a month that lacks the anchor's day does not move later ones (package period).
//   - A schedule that ends by cancel makes no invoice at or after its end but one for usage that was not billed yet.
//   - Items billed by usage are charged at the end of a period, and how much nobody knows before. Where nothing else is
//     sold, the invoice at the start of the first period is over 0.
//   - A row is charged in the currency that it states, or else in the default currency of its prices.
//   - A line is unit amount times quantity, exact, and rounded once. A price sold in packages charges whole packages. Of
//     tiers, the units of each tier (graduated), or all of them in the tier reached (volume), and each flat amount are
//     rounded by themselves; a quantity of 0 owes the first flat amount.
//   - A coupon is taken off lines of its products, one-off items included. A percentage is taken off each line and
//     rounded there. An amount is taken off once an invoice, never more than the lines come to, and shared among them
//     in proportion: each line, in order, takes its part of what the lines from it on still have to take.
//   - A row's coupon counts from the start date: once, for the first invoice that it can be taken off (an invoice over 0
//     does not use it up); repeating, for invoices made before its months are over; forever, for all.
//   - The customer's own discount counts while a row has no coupon, or none any more, from its own start to its own end.
//     One for once is taken off the first invoice of any row of the customer that it can be taken off.
//   - A tax rate is applied to each line after its discount and rounded there. An exclusive tax is added, an inclusive
//     one is contained in the amount. A customer who is exempt, or to whom reverse charge applies, pays neither: the
//     total is less by the tax that is contained.
//   - An invoice is finalized an hour after it was made, a subscription's first one over 0 at once. Then the customer's
//     balance is added to its total: a credit is used, a debt collected. What is due in Ugandan shillings is rounded to
//     hundreds, and what is less than the currency's minimum charge is not collected; both leave the rest on the balance.
//   - Rounding is to the nearest minor unit, and half a unit away from zero.
//
// A balance and a discount for once are the customer's, not a row's: package forecast takes the rows of such customers
// together (Joint, Together).
//
// # What it does not know
//
// What is billed by usage, and what Stripe Tax computes. What such an invoice leaves on the balance lies between
// bounds: nothing when its known part is enough to be charged. Otherwise the amount due of the customer's next invoice is
// unknown; its total is known all the same, and so is what follows once an invoice is certainly charged. Pending invoice
// items of a customer, which the next invoice takes along, are not looked up, nor are invoices of other subscriptions.
//
// Where the documentation leaves it open, an Assumption is made, and a charge that would be another one without it says
// so.
//
// Sources: docs.stripe.com/billing/subscriptions/billing-cycle, /trials, /coupons, /products-prices/pricing-models,
// /billing/taxes/tax-rates, /billing/customer/balance, /currencies. How an amount is shared among lines, and whatever
// an Assumption says, a test clock in a Stripe sandbox can prove or disprove.
package forecast

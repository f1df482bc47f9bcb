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
//   - A line is unit amount times quantity. A price sold in packages charges whole packages.
//   - A coupon is taken off lines of its products, one-off items included. A percentage is taken off each line and
//     rounded there. An amount is taken off once an invoice, never more than the lines come to, and shared among them
//     in proportion: each line, in order, takes its part of what the lines from it on still have to take.
//   - A coupon counts from the start date: once, for the first invoice that it can be taken off (an invoice over 0 does
//     not use it up); repeating, for invoices made before its months are over; forever, for all.
//   - A tax rate is applied to each line after its discount and rounded there. An exclusive tax is added, an inclusive
//     one is contained in the amount.
//   - Rounding is to the nearest minor unit, and half a unit away from zero (function share).
//
// # What it does not know
//
// What a customer brings along changes what is paid but is not looked up: a credit balance, a coupon of the
// customer's own, pending invoice items, an exemption from tax. Nor are amounts below Stripe's minimum charge told
// apart, which Stripe puts on the balance instead. Invoices stay drafts for about an hour before they are charged;
// a forecast states the moment at which they are made.
//
// Sources: docs.stripe.com/billing/subscriptions/billing-cycle, /trials, /coupons, /billing/taxes/tax-rates. That an
// invoice over 0 leaves a coupon for once unused, and how an amount is shared among lines, is an assumption that a
// test clock in a Stripe sandbox can prove or disprove.
package forecast

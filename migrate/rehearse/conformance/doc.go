// Package conformance holds what the product claims of Stripe's billing as scenarios: a row of a file, the account it
// meets, and the invoices that follow over three periods, each derived by hand. The scenarios lie in testdata, one file
// each, and read like letters: first why the invoices must be what they are, then the row, the account, the invoices.
//
// The tests play them three times: in a rehearsal, over HTTP against the project's own sandbox, and, when
// SUBFERRY_CONFORMANCE_URL and STRIPE_API_KEY name one, against any server that speaks Stripe's API and has test
// clocks. CONFORMANCE.md says how to run them against a Stripe sandbox and what they prove or disprove there.
package conformance

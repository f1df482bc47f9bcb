// Package cutover stops the subscriptions of the account that a migration comes from, as soon as each row is proven to be in
// the account that it goes to, so that every period is charged once and by the right side.
//
// Plan says what would be stopped, what is refused and why, and what is left open of each customer: it changes nothing.
// Apply does it. Before a request leaves, the ledger knows of it; the request marks the source subscription, so that one
// whose answer was lost is found to be done; afterwards the subscription is read again, which proves it. Undo lets go on
// what carries that mark, as long as it has not ended. Each goes on where it was interrupted when it is called again.
//
// WhoBills answers for every row which of the two accounts charges next.
package cutover

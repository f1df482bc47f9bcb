// Package migrate turns valid rows into subscription schedules, exactly one for each, and can undo them.
//
//	row -> Strategy and Schedule (pure) -> ledger: intent -> Stripe -> ledger: outcome -> report
//
// A Migrator reads a file, records in a ledger what it is about to do, asks Stripe through a Gateway, and records
// what came of it. Nothing is sent that the ledger does not know of, and nothing is sent twice without having
// looked whether the first attempt had an effect.
package migrate

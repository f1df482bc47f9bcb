// Package ledger is the memory of a migration: what was about to be sent, and what came of it, row by row.
//
//	store, err := sqlite.Open(ctx, dir) // or ledger.NewMemory()
//	for entry, err := range store.Entries(ctx, id, ledger.Refused) { … }
//
// An intent is durable before the request that it announces leaves, and an outcome is durable before the row
// counts as done. Whatever crashes in between, the ledger says which rows have to be looked up in Stripe before
// anything is sent again.
//
// The Ledger interface is the contract of a store; ledger/sqlite keeps it in a file, ledger/postgres in a
// database that several machines share, Memory for as long as a program runs, and ledger/ledgertest is the suite that every
// store passes.
package ledger

// Package store keeps what the service knows beside the ledger: the moves, the uploaded files, who did what, and the shards
// that workers take. It lies in the ledger's database, or in a file beside the SQLite ledger.
package store

// Package monitor watches the first payments after a migration has gone live: what became of the first invoice of each row,
// and what somebody has to do about it. It changes nothing in Stripe; the ledger
// keeps what was seen.
package monitor

// Package cron runs commands of this program at set times: when they are due, that none is run twice for one moment, and that
// what was missed is said.
//
// A Spec is pure: five fields and a time zone. A Ticker decides what is due, on whichever machine it runs; that several do it
// at once does not matter, because the database lets one of them win each moment.
package cron

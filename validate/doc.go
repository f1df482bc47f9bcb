// Package validate turns rows into findings: what is wrong with a migration file, where, and how to mend it.
//
// It is pure. The clock and what is known of the Stripe account are handed in through Options; nothing here
// touches the network. Every rule is one small file with its code, severity, title, why, fix, examples and check,
// and the rule reference is generated from the same values.
package validate

// Package validate turns rows into findings: what is wrong with a migration file, where, and how to mend it.
//
//	File   every finding of a file in one pass
//	Scan   the same in constant memory: findings go to a sink, for instance one of package report's renderers
//	Each   row by row, with everything that is known of each row
//	Row    a row that a program has built; New(opts).Row for many of them
//
// Every rule is one small file with its code, severity, title, why, fix, examples and check, and the reference
// RULES.md is generated from the same values. A program adds rules of its own through Options.Rules. One mistake
// gives one finding: what follows from a mistake is not reported beside it.
//
// The package is pure: the clock and what is known of the Stripe account are handed in through Options, and nothing
// here touches the network. Rows are compared with each other by keyed hashes, which wait in a temporary file when
// there are many; it is removed before a validation returns.
//
// The way through the package:
//
//	Scan -> pass (one reading of a file) -> worker (one per processor, a block of rows at a time)
//	     -> Check (one rule, one row), HeaderCheck (one rule, the header)
//	     -> internal/dedupe (rows compared with each other) -> FileCheck (one rule, the whole file)
package validate

// Package csvspec turns the bytes of a Billing migration CSV into typed rows, and typed rows back into bytes.
//
// It knows the three templates of Stripe's Billing migration toolkit (basic, multi-item, ad-hoc), their columns
// and the position of every cell. It judges nothing and never touches the network: a cell that cannot be read is
// kept with its problem, the row is not lost, and reading goes on. What is right and what is wrong is decided by
// package validate.
//
// The way through the package:
//
//	bytes -> Reader (records with positions) -> Header (which column is which) -> Row (typed values)
//	Row   -> Write  (gocsv)                   -> bytes
package csvspec

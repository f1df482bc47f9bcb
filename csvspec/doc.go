// Package csvspec turns the bytes of a Billing migration CSV into typed rows, and typed rows back into bytes.
//
// It knows the three templates of Stripe's Billing migration toolkit (basic, multi-item, ad-hoc), their columns
// and the position of every cell. It judges nothing and never touches the network: a cell that cannot be read is
// kept with its problem, the row is not lost, and reading goes on. What is right and what is wrong is decided by
// package validate.
//
// The way through the package:
//
//	NewReader: bytes -> UTF-8 -> chunks of whole records -> cells (internal/scan) -> Header -> Row
//	Write:     Row -> bytes, with gocsv
//
// A Reader takes these steps one row at a time, EachBlock many at once; both find the same rows in the same places.
// Unmarshal is a second decoder, made of encoding/csv and gocsv: strict, slower, and a check on the first. Package xlsx
// reads workbooks, or whatever a file is.
package csvspec

// Package verify proves, row by row, that what exists in Stripe is what the file of a migration asked for.
//
// A Verifier reads back every schedule, or its subscription once that is live, and every direct subscription, and compares
// each field with the row; with a key of the source account also with the source subscription as it is now. A Difference
// names the row, the field and both values, with a sentence about what it means to the customer. Without differences the
// result is a receipt.
//
// Lists are read where that takes fewer requests than asking for each object: objects of a migration are found by the
// time in which it created them. What a row is compared with is kept in memory, about a kilobyte a row.
//
// What is not compared: metadata keys that the file does not have, and whatever the format has no column for.
package verify

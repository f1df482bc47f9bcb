// Package export reads the objects of a Stripe account, completely and in parallel, and keeps them as files that are
// what Stripe wrote: a line of JSON for each object, of which no field is lost.
//
// # How a list is read
//
// Stripe's lists are newest first, a page has at most 100 objects, and the next page is asked for by the last object of
// the one before (a cursor). One cursor is slow, so a list is cut into ranges of time that are read at the same time:
//
//   - Ranges are half-open, from (included) to until (left out), in whole seconds, and lie next to each other without
//     a gap. A cursor never leaves the range in which it was found.
//   - Without Options.Split the first page tells how dense the objects lie, and whoever has nothing to do takes the
//     older half of the range that has most left. So nobody waits for the one range in which all objects are.
//   - A cursor whose object is gone, and a page that is empty although the one before promised more, are not believed:
//     the range is asked again by time, and repeats are dropped by ID.
//   - The last five minutes before the end are read last, because Stripe shows objects some seconds after their
//     creation. The next incremental run reads them once more.
//
// What is read is written to parts below .unfinished, with a journal line for each page: an interrupted export goes on
// where it was. A finished kind is one file, put together from its parts in the order of the API and renamed into
// place. The manifest says what each file holds, and what was skipped, and why.
package export

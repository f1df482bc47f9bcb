// Package scan turns the bytes of a CSV file into records with the places of their cells, in any encoding and with any
// of the separators that spreadsheets write. It knows neither columns nor rows of the format.
//
//	bytes -> Input (UTF-8 text) -> Chunker (chunks of whole records) -> RecordReader (records, cells, raw faults)
//
// A chunk knows where in the file it stands, so that several can be read at once.
package scan

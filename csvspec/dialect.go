package csvspec

// dialect is how a file separates its cells and records.
type dialect struct {
	comma   byte // , or ; or tab
	newline byte // '\n', or '\r' in a file that has no '\n'
}

package csvspec

import (
	"errors"
	"fmt"

	"github.com/subferry/subferry/csvspec/internal/scan"
)

// ErrRecordTooLong is the cause of a ReadError when a record is longer than 8 MiB. Such a file is not a CSV file
// with rows of this format, or its lines end with something other than a line feed or a carriage return.
var ErrRecordTooLong = scan.ErrRecordTooLong

// ReadError tells where reading a file broke off. The records before have been read; nothing after has.
type ReadError struct {
	Line   int   // line of the record that could not be read whole
	Offset int64 // byte of the file where that record begins
	Err    error // what the underlying reader said, or ErrRecordTooLong
}

// Error says where reading broke off, and why.
func (e *ReadError) Error() string {
	return fmt.Sprintf("reading broke off in the record that begins in line %d (byte %d): %v", e.Line, e.Offset, e.Err)
}

// Unwrap returns the cause.
func (e *ReadError) Unwrap() error { return e.Err }

// readError returns a chunker's error as one of this package; io.EOF stays what it is.
func readError(err error) error {
	var broken *scan.Error
	if errors.As(err, &broken) {
		return &ReadError{Line: broken.Line, Offset: broken.Offset, Err: broken.Err}
	}
	return err
}

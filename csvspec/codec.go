package csvspec

import (
	"fmt"
	"strconv"
	"strings"
)

// MarshalCSV returns the number in decimal, or "" when it is blank. It is gocsv's way to write it.
func (i Int) MarshalCSV() (string, error) { return i.String(), nil }

// UnmarshalCSV reads a whole number, or blank. It is gocsv's way to read it.
func (i *Int) UnmarshalCSV(cell string) error {
	*i = Int{}
	if cell == "" {
		return nil
	}
	n, err := strconv.ParseInt(cell, 10, 64)
	if err != nil {
		return fmt.Errorf("%q is not a whole number that fits in 64 bits", cell)
	}
	*i = Of(n)
	return nil
}

// MarshalCSV returns the moment in Unix seconds, or "" when it is blank. It is gocsv's way to write it.
func (t Timestamp) MarshalCSV() (string, error) {
	if t.IsBlank() {
		return "", nil
	}
	return strconv.FormatInt(int64(t), 10), nil
}

// UnmarshalCSV reads Unix seconds, or blank. It is gocsv's way to read them.
func (t *Timestamp) UnmarshalCSV(cell string) error {
	*t = 0
	if cell == "" {
		return nil
	}
	n, err := strconv.ParseInt(cell, 10, 64)
	if err != nil || n == 0 {
		return fmt.Errorf("%q is not a moment in Unix seconds, such as 1767225600", cell)
	}
	*t = Timestamp(n)
	return nil
}

// MarshalCSV returns "true", or "" for no. It is gocsv's way to write it.
func (b Bool) MarshalCSV() (string, error) {
	if !b {
		return "", nil
	}
	return "true", nil
}

// UnmarshalCSV reads true or false in any case, or blank, which is no. It is gocsv's way to read them.
func (b *Bool) UnmarshalCSV(cell string) error {
	switch strings.ToLower(cell) {
	case "", "false":
		*b = false
	case "true":
		*b = true
	default:
		return fmt.Errorf("%q is neither true nor false", cell)
	}
	return nil
}

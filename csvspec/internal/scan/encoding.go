package scan

import "unicode/utf8"

// Encoding is how a file writes its characters.
type Encoding uint8

const (
	ascii Encoding = iota // so far
	utf8Text
	windows1252
	utf16LE
	utf16BE
)

// decoded tells whether the text had to be converted to UTF-8.
func (e Encoding) decoded() bool { return e > utf8Text }

// width returns how many bytes the text takes in the file.
func (e Encoding) width(text string) int64 {
	switch e {
	case windows1252:
		return int64(utf8.RuneCountInString(text))
	case utf16LE, utf16BE:
		n := 0
		for _, r := range text {
			n += 2
			if r > 0xFFFF {
				n += 2
			}
		}
		return int64(n)
	default:
		return int64(len(text))
	}
}

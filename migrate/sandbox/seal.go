package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
)

// A journal line ends with the checksum of what stands before it. Damage that
// is still JSON would otherwise show much later, as a wrong amount or a panic.
// Lines without one were written by a program before there were any.
const (
	sealBegins = `,"crc":"`
	sealLength = len(sealBegins) + 8 + len(`"}`)
)

var errNoAccount = errors.New("the first line must say whose account it is")

// sealed puts the checksum at the end of a JSON object with at least one member.
func sealed(line []byte) []byte {
	body := line[:len(line)-1]
	return fmt.Appendf(body, `%s%08x"}`, sealBegins, crc32.ChecksumIEEE(body))
}

// verify compares a line, newline included, with its checksum.
func verify(line []byte) error {
	line = bytes.TrimSuffix(line, []byte("\n"))
	at := len(line) - sealLength
	if at < 0 || !bytes.HasPrefix(line[at:], []byte(sealBegins)) {
		return nil
	}
	if found := string(line[at+len(sealBegins) : len(line)-len(`"}`)]); found != fmt.Sprintf("%08x", crc32.ChecksumIEEE(line[:at])) {
		return fmt.Errorf("its content does not match its checksum %s", found)
	}
	return nil
}

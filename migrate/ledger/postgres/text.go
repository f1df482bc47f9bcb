package postgres

import (
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgtype"
)

// hexMark begins a text that is stored in hexadecimal. Postgres takes no NUL and nothing but UTF-8, while the name of a
// file may be any bytes.
const hexMark = `\x`

// text returns a text as it is stored.
func text(s string) string {
	if utf8.ValidString(s) && !strings.Contains(s, "\x00") && !strings.HasPrefix(s, hexMark) {
		return s
	}
	return hexMark + hex.EncodeToString([]byte(s))
}

// stored reads such a text back.
type stored struct{ to *string }

// ScanText implements pgtype.TextScanner.
func (s stored) ScanText(v pgtype.Text) error {
	*s.to = v.String
	if digits, ok := strings.CutPrefix(v.String, hexMark); ok {
		plain, err := hex.DecodeString(digits)
		if err != nil {
			return fmt.Errorf("a text that begins with %s is not hexadecimal: %w", hexMark, err)
		}
		*s.to = string(plain)
	}
	return nil
}

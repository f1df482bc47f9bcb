package usage

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"

	"github.com/subferry/subferry/migrate"
)

func identityOf(text string) identity {
	sum := sha256.Sum256([]byte(text))
	return identity(sum[:16])
}

// RunID names the run of a file in an account: the same file is the same run, and so is the same worksheet of a workbook.
func RunID(a migrate.Account, sha256, sheet string) string {
	text := fmt.Sprintf("%s %v %s", a.ID, a.Livemode, sha256)
	if sheet != "" {
		text += " " + sheet
	}
	sum := identityOf(text)
	return "use_" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]))[:20]
}

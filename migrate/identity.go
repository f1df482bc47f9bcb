package migrate

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/subferry/subferry/migrate/schedule"
)

// migrationID derives the ID of the nth migration of a file into an account. It is derived and not drawn, so that a
// run that lost its ledger arrives at the same ID and recognises the schedules that it made before.
func migrationID(a Account, c content, nth int) string {
	return "mig_" + digest(a.ID, strconv.FormatBool(a.Livemode), string(c), strconv.Itoa(nth))[:20]
}

// idempotencyKey derives the key of one attempt at one row. Rows with equal content stay distinct by their number.
func idempotencyKey(account, migration string, row int64, s schedule.Schedule, attempt int64) (string, error) {
	content, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("row %d cannot be written as JSON: %w", row, err)
	}
	return "subferry_" + digest(account, migration, strconv.FormatInt(row, 10), string(content),
		strconv.FormatInt(attempt, 10))[:32], nil
}

// cancelKey derives the key of one attempt at canceling a schedule.
func cancelKey(migration, schedule string, attempt int64) string {
	return "subferry_" + digest("cancel", migration, schedule, strconv.FormatInt(attempt, 10))[:32]
}

// releaseKey derives the key of one attempt at releasing a schedule.
func releaseKey(migration, schedule string, attempt int64) string {
	return "subferry_" + digest("release", migration, schedule, strconv.FormatInt(attempt, 10))[:32]
}

// digest returns 52 lower-case letters and digits that stand for the parts and their borders.
func digest(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(h.Sum(nil)))
}

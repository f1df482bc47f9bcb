package migrate

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// MetadataKey is the key of the metadata entry with which a migration marks its schedules and their subscriptions: the
// migration's ID and the number of the row. It is how they are found again when an answer was lost, and also when the
// ledger was.
const MetadataKey = "subferry"

// mark is the value of MetadataKey for one row.
func mark(migration string, row int64) string { return fmt.Sprintf("%s/%d", migration, row) }

// markedRow returns the row that a schedule or a subscription with this metadata was made for, if this migration made it.
func markedRow(metadata map[string]string, migration string) (int64, bool) {
	id, row, ok := strings.Cut(metadata[MetadataKey], "/")
	if !ok || id != migration {
		return 0, false
	}
	n, err := strconv.ParseInt(row, 10, 64)
	return n, err == nil && n > 0
}

// migrationID derives the ID of the nth migration of a file into an account. It is derived and not drawn, so that a
// run that lost its ledger arrives at the same ID and recognises the schedules that it made before.
func migrationID(a Account, c content, nth int) string {
	return "mig_" + digest(a.ID, strconv.FormatBool(a.Livemode), string(c), strconv.Itoa(nth))[:20]
}

// idempotencyKey derives the key of one attempt at one row. Rows with equal content stay distinct by their number.
func idempotencyKey(account, migration string, row int64, s Schedule, attempt int64) (string, error) {
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

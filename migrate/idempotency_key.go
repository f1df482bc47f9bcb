package migrate

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
)

// keyLife is how long an idempotency key is relied on. Stripe may forget it after 24 hours.
const keyLife = 23 * time.Hour

// chooseKey chooses the idempotency key under which a row's schedule is created.
//
// The keys of a row are a chain: attempt 1, and the next one only when Stripe is known to have stored something else
// than a schedule under the last. After keyLife, when Stripe may have forgotten them, the chain begins anew. So two
// runners who know nothing of each other walk along the same keys, and Stripe itself keeps them from making two.
func (j *job) chooseKey(mig ledger.Migration, now time.Time) (err error) {
	age := now.Sub(j.entry.IntendedAt.Time())
	switch {
	case j.entry.Attempt == 0 || age > keyLife || age < 0:
		j.entry.Attempt, j.entry.IntendedAt = 1, csvspec.At(now)
	case j.keyConsumed:
		j.entry.Attempt++
	case j.from == ledger.Intended: // it was chosen before
		return nil
	}
	j.keyConsumed = false
	j.entry.Key, err = idempotencyKey(mig.Account, mig.ID, j.entry.Row, j.schedule, j.entry.Attempt)
	return err
}

// chooseKeyTo chooses the key of the next attempt to cancel or to release a row's schedule. Doing either twice is
// harmless, so that each attempt has a key of its own: Stripe may have stored an error under the last.
func (j *job) chooseKeyTo(verb string, mig ledger.Migration, now time.Time) {
	j.entry.Attempt++
	j.entry.IntendedAt = csvspec.At(now)
	j.entry.Key = keyPrefix + digest(verb, mig.ID, j.entry.ScheduleID, strconv.FormatInt(j.entry.Attempt, 10))[:32]
}

const keyPrefix = "subferry_"

// idempotencyKey derives the key of one attempt at one row. Rows with equal content stay distinct by their number.
func idempotencyKey(account, migration string, row int64, s schedule.Schedule, attempt int64) (string, error) {
	content, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("row %d cannot be written as JSON: %w", row, err)
	}
	return keyPrefix + digest(account, migration, strconv.FormatInt(row, 10), string(content), strconv.FormatInt(attempt, 10))[:32], nil
}

// migrationID derives the ID of the nth migration of a file into an account. It is derived and not drawn, so that a
// run that lost its ledger arrives at the same ID and recognises the schedules that it made before.
func migrationID(a Account, c contentID, nth int) string {
	return "mig_" + digest(a.ID, strconv.FormatBool(a.Livemode), string(c), strconv.Itoa(nth))[:20]
}

// digest returns 52 lower-case letters and digits that stand for the parts and their borders.
func digest(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(h.Sum(nil)))
}

package migrate

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
)

// keyLife is how long an idempotency key is relied on, and searchLife how long a search of the account is. Stripe may
// forget a key after 24 hours. Together they are less than that: what another runner creates under the last key of its
// chain, after this one has searched, is created while Stripe still has all keys that this one may use until it searches
// again.
const (
	keyLife    = 12 * time.Hour
	searchLife = 11 * time.Hour
)

// chooseKey chooses the idempotency key under which what a row becomes is created.
//
// The keys of a row are a chain: attempt 1, and the next one only when Stripe is known to have stored something under the
// last, for these very parameters, that is not what the row is to become. After keyLife, when Stripe may have forgotten
// them, the chain begins anew. What the row becomes is no part of a key: two runners who know nothing of each other walk
// along the same keys also when one makes a schedule of the row and the other a direct subscription, or when they read its
// amounts in different units. Stripe executes one of them and refuses the other (StripeError.usedOtherwise).
//
// A row that was begun keeps the key that its last request had, whichever version of this program has derived it.
func (j *job) chooseKey(mig ledger.Migration, now time.Time) {
	age := now.Sub(j.entry.IntendedAt.Time())
	switch {
	case j.entry.Attempt == 0 || age > keyLife || age < 0:
		j.entry.Attempt, j.entry.IntendedAt = 1, csvspec.At(now)
	case j.keyConsumed:
		j.entry.Attempt++
	case j.entry.Key != "":
		return
	}
	j.keyConsumed = false
	j.entry.Key = idempotencyKey(mig.Account, mig.ID, j.entry.Row, j.entry.Attempt)
}

// chooseKeyTo chooses the key of the next attempt to cancel or to release what a row has become. Doing either twice is
// harmless, so that each attempt has a key of its own: Stripe may have stored an error under the last.
func (j *job) chooseKeyTo(verb string, mig ledger.Migration, now time.Time) {
	j.entry.Attempt++
	j.entry.IntendedAt = csvspec.At(now)
	j.entry.Key = keyPrefix + digest(verb, mig.ID, idOf(j.entry), strconv.FormatInt(j.entry.Attempt, 10))[:32]
}

const keyPrefix = "subferry_"

// idempotencyKey derives the key of one attempt at one row. Rows with equal content stay distinct by their number.
func idempotencyKey(account, migration string, row, attempt int64) string {
	return keyPrefix + digest(account, migration, strconv.FormatInt(row, 10), strconv.FormatInt(attempt, 10))[:32]
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

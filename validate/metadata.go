package validate

import "strings"

// The limits of metadata.
const (
	maxMetadata      = 50
	maxMetadataKey   = 40
	maxMetadataValue = 500
)

// The metadata keys that the program writes itself.
const (
	TagKey           = "subferry"
	OriginalStartKey = "original_start_date"
)

// oldSubscription is the metadata key under which a move between Stripe accounts keeps the source subscription.
const oldSubscription = "old_Stripe_sub_id"

// internalStripe is the source of rows that are moved between Stripe accounts.
const internalStripe = "internal:Stripe"

// externalSource tells whether the source names a system as Stripe writes it.
func externalSource(source string) bool {
	return strings.HasPrefix(source, "external:") && len(source) > len("external:")
}

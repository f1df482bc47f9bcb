package migrate

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/subferry/subferry/csvspec"
)

// MetadataOriginalStart is the metadata key that keeps a row's backdate_start_date, in Unix seconds: Stripe takes
// no backdate for a schedule, and the subscription's own start date will be the day on which it goes live.
const MetadataOriginalStart = "original_start_date"

// maxMetadata is Stripe's limit of 50 keys less the one with which a migration marks its schedules.
const maxMetadata = 50 - 1

// metadataOf returns a row's metadata with the original start date. A key of that name that the file fills itself
// is kept as it is.
func metadataOf(row *csvspec.Row) (csvspec.Metadata, *NotExpressibleError) {
	metadata := slices.Clone(row.Metadata)
	if !row.BackdateStartDate.IsBlank() && metadata.Get(MetadataOriginalStart) == "" {
		metadata = append(metadata, csvspec.KeyValue{
			Key: MetadataOriginalStart, Value: strconv.FormatInt(int64(row.BackdateStartDate), 10),
		})
	}
	if len(metadata) > maxMetadata {
		return nil, refusal("too_many_metadata", "metadata",
			fmt.Sprintf("%d keys, of which Stripe takes 50 including one of the migration's own", len(metadata)), "leave some of them out")
	}
	return slices.Clip(metadata), refuseRepeatedKey(metadata)
}

// refuseRepeatedKey refuses metadata.KEY beside metadata_KEY with another value: only one could be kept.
func refuseRepeatedKey(metadata csvspec.Metadata) *NotExpressibleError {
	for _, kv := range metadata {
		if first := metadata.Get(kv.Key); first != kv.Value {
			return refusal("metadata_repeated", "metadata."+kv.Key,
				fmt.Sprintf("the key has two values, %q and %q", first, kv.Value), "keep one of the columns")
		}
	}
	return nil
}

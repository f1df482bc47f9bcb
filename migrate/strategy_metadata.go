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

// metadataOf returns a row's metadata with the original start date.
func metadataOf(row *csvspec.Row) (csvspec.Metadata, *NotExpressibleError) {
	if err := refuseMetadata(row); err != nil {
		return nil, err
	}
	metadata := slices.Clone(row.Metadata)
	if !row.BackdateStartDate.IsBlank() {
		metadata = append(metadata, csvspec.KeyValue{
			Key: MetadataOriginalStart, Value: strconv.FormatInt(int64(row.BackdateStartDate), 10),
		})
	}
	if len(metadata) > maxMetadata {
		return nil, refusal("metadata_too_many", "metadata",
			fmt.Sprintf("%d keys, of which Stripe takes 50 including one of the migration's own", len(metadata)), "leave some of them out")
	}
	return slices.Clip(metadata), nil
}

// refuseMetadata refuses keys that the migration writes itself, and metadata.KEY beside metadata_KEY with another
// value: only one of the two could be kept.
func refuseMetadata(row *csvspec.Row) *NotExpressibleError {
	for _, kv := range row.Metadata {
		column := "metadata." + kv.Key
		if kv.Key == MetadataKey || kv.Key == MetadataOriginalStart && !row.BackdateStartDate.IsBlank() {
			return refusal("metadata_reserved", column, "the migration writes this key itself", "give the column another name")
		}
		if first := row.Metadata.Get(kv.Key); first != kv.Value {
			return refusal("metadata_repeated", column, fmt.Sprintf("the key has two values, %q and %q", first, kv.Value), "keep one of the columns")
		}
	}
	return nil
}

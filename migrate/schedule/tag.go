package schedule

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
)

// TagKey is the metadata key under which a migration tags its schedules and their subscriptions. It is how they are
// found again when an answer was lost, and also when the ledger was.
const TagKey = validate.TagKey

// Tag says which row of which migration a schedule or a subscription was made for.
type Tag struct {
	Migration string
	Row       int64 // data row of the file, from 1
}

// String returns the tag as it stands in the metadata: MIGRATION/ROW.
func (t Tag) String() string { return fmt.Sprintf("%s/%d", t.Migration, t.Row) }

// ParseTag reads the tag in an object's metadata; false means that no migration has made the object.
func ParseTag(metadata map[string]string) (Tag, bool) {
	migration, row, _ := strings.Cut(metadata[TagKey], "/")
	n, err := strconv.ParseInt(row, 10, 64)
	return Tag{Migration: migration, Row: n}, err == nil && n > 0 && migration != ""
}

// Tagged returns the schedule with a tag on itself, and on its phase, from which the subscription gets it. The
// schedule's own metadata is not changed.
func (s Schedule) Tagged(t Tag) Schedule {
	tag := csvspec.KeyValue{Key: TagKey, Value: t.String()}
	s.Metadata = append(s.Metadata[:len(s.Metadata):len(s.Metadata)], tag)
	s.Phase.Metadata = append(s.Phase.Metadata[:len(s.Phase.Metadata):len(s.Phase.Metadata)], tag)
	return s
}

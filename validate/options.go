package validate

import (
	"time"

	"github.com/subferry/subferry/csvspec"
)

// The leads Stripe's toolkit asks for between the upload and a start date.
const (
	LiveLead    = 24 * time.Hour
	SandboxLead = time.Hour
)

// Options is what a validation needs to know besides the rows.
type Options struct {
	Now          time.Time     // the moment of the upload; required
	Lead         time.Duration // LiveLead or SandboxLead; zero means LiveLead
	Margin       time.Duration // added to Lead, because uploading takes time; zero means none
	Unit         csvspec.Unit  // how the file states amounts
	AllowColumns []string      // unknown columns that the user has acknowledged by name
	Account      *Account      // what is known of the account; nil when nothing is
	Rules        []Rule        // rules of the user's own, beside those of this package
}

package validate

import (
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
	"github.com/subferry/subferry/csvspec/xlsx"
	"github.com/subferry/subferry/validate/account"
)

// The leads Stripe's toolkit asks for between the upload and a start date.
const (
	LiveLead    = 24 * time.Hour
	SandboxLead = time.Hour
)

// DefaultMargin is what the program adds to the lead, because review and upload take time.
const DefaultMargin = 15 * time.Minute

// Options is what a validation needs to know besides the rows. Now is required.
type Options struct {
	Now          time.Time        // the moment of the upload; required
	Lead         time.Duration    // LiveLead or SandboxLead; zero means LiveLead
	Margin       time.Duration    // added to Lead, because uploading takes time; zero means none
	Unit         csvspec.Unit     // how the file states amounts; zero reads minor units and says what is not stated
	Direct       Direct           // which rows become direct subscriptions; the zero value is none
	Strict       bool             // warnings become errors; false leaves them warnings
	Sheet        string           // worksheet of an Excel workbook; blank is the only visible one with a header of the format
	AllowColumns []string         // unknown columns that the user has acknowledged by name; nil is none
	Account      *account.Account // what is known of the account; nil when nothing is
	Looking      bool             // the customers will be looked up after this: IDs that only the account can judge wait for that
	Format       *Format          // another format than that of subscriptions; nil is that
	Rules        []Rule           // rules of the user's own, beside those of this package; nil is none
	Shown        int              // how many findings in rows of each severity (deferred ones by themselves) Scan gives its sink in full; 0 is all
	Unhashed     bool             // Report.SHA256 stays blank, which saves a tenth of the work when nobody asks for it
}

// Format is a format of files other than that of subscriptions. Its rules are those of Options.Rules alone.
type Format struct {
	Name    string                                 // what Report.Template says
	Columns func(name string) (csvspec.Kind, bool) // as csvspec.ReadOptions has them
	Dates   Dates                                  // how date cells of a workbook are read
}

// Dates says what becomes of the cells of a workbook that hold dates.
type Dates = xlsx.Dates

// read says how the rows of a file are read.
func (o Options) read() xlsx.Options {
	how := xlsx.Options{Sheet: o.Sheet, Read: csvspec.ReadOptions{Unit: o.Unit}}
	if o.Format != nil {
		how.Read.Columns, how.Dates = o.Format.Columns, o.Format.Dates
	}
	return how
}

func (o Options) lead() time.Duration {
	if o.Lead == 0 {
		return LiveLead
	}
	return o.Lead
}

// earliest is the first moment at which a row may start.
func (o Options) earliest() time.Time { return o.Now.Add(o.lead() + o.Margin) }

func inWords(d time.Duration) string {
	switch {
	case d%time.Hour == 0:
		return words.Count(int(d/time.Hour), "hour")
	case d%time.Minute == 0:
		return words.Count(int(d/time.Minute), "minute")
	}
	return d.String()
}

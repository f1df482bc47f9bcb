package usage

import (
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/xlsx"
	"github.com/subferry/subferry/validate"
)

// Options is what judging a file of usage takes besides the file. Now is required.
type Options struct {
	Now           time.Time         // the moment of sending; required
	AllowDecimals bool              // values may have a fraction
	Zone          *time.Location    // of dates that state none; nil makes them errors
	Sheet         string            // worksheet of an Excel workbook
	Customers     map[string]string // old customer IDs to new ones; nil takes those of the file as they are
	Strict        bool              // warnings become errors

	Meters  map[string]Meter // what is known of the account's meters, by event name; nil when nothing is
	Present map[string]bool  // the customers that the account has; nil when nothing is known of them
	Sent    func(e *Event) *Earlier
}

// Meter is what is known of a meter.
type Meter struct {
	ID          string
	EventName   string
	Active      bool
	Formula     string // sum, count or last
	CustomerKey string // keys of the payload
	ValueKey    string
}

// Earlier is an event that was sent, or begun, under the same identifier before.
type Earlier struct {
	Run     string // that has sent it
	Row     int64
	Same    bool // it says the same
	Pending bool // it is named by an error report and sent again: all that a new event must fulfil counts for it too
}

// rule is a rule of this package: one of package validate with a check of its own.
type rule struct {
	validate.Rule
	check func(*check)
}

// check is a rule at work on a row.
type check struct {
	*validate.Check
	*parsed
	reader *reader
}

// opts returns the options.
func (c *check) opts() *Options { return &c.reader.opts }

// reader is one reading of a file. Rows are judged one after the other.
type reader struct {
	opts   Options
	header *csvspec.Header
	layout layout
	row    *parsed
	seen   map[string]first // identifiers
	news   map[string]bool  // the new IDs of the map of customers
	meters map[string]int   // lines where event names were first seen
}

// first is where an identifier was first seen.
type first struct {
	line    int
	derived bool
}

// Rules returns the rules about usage, and before them those about the text of a file, in a stable order.
func Rules() []validate.Rule {
	return (&reader{}).rules()
}

// rules returns all rules, with checks that share what was read of a row.
func (r *reader) rules() []validate.Rule {
	all := validate.TextRules()
	for i := range all {
		for _, offer := range []string{", or let `migrate fix` write it anew", ", or let `migrate fix` write the file anew", "; `migrate fix` removes them", "; `migrate fix` removes it"} {
			all[i].Fix = strings.Replace(all[i].Fix, offer, "", 1) // it is for files of subscriptions
		}
		switch all[i].Code {
		case "file_empty", "file_no_rows":
			all[i].Fix = "Check that the export has finished. `migrate usage template` prints a file to begin with."
			all[i].Why = "There is nothing to send."
		case "row_ragged", "column_blank", "column_duplicate":
			all[i].Source = "Stripe's usage upload, columns"
		}
	}
	for _, make := range registered() {
		one := make()
		if one.check != nil {
			one.Rule.Check = func(c *validate.Check) {
				if r.row == nil || r.row.number != c.Row.Source.Row {
					if r.header == nil {
						r.header, r.layout = c.Row.Source.Header, layoutOf(c.Row.Source.Header)
					}
					r.row = r.parse(c.Row.Source)
				}
				one.check(&check{c, r.row, r})
			}
		}
		all = append(all, one.Rule)
	}
	return all
}

// registered lists the rules of this package. A new one is a file rule_CODE.go and a line here; RULES.md is written anew
// with go test -update.
func registered() []func() rule {
	return []func() rule{
		ruleColumnUnknown,
		ruleColumnMissing,
		ruleEventNameMissing,
		ruleEventNameLong,
		ruleTimestampMissing,
		ruleTimestampUnreadable,
		ruleTimestampZone,
		ruleTimestampFraction,
		ruleTimestampTooOld,
		ruleTimestampInFuture,
		ruleCustomerMissing,
		ruleCustomerUnmapped,
		ruleCustomerNotAnID,
		ruleValueMissing,
		ruleValueUnreadable,
		ruleValueDecimal,
		ruleValueNegative,
		ruleIdentifierTooLong,
		ruleIdentifierDerived,
		ruleIdentifierDuplicate,
		ruleIdentifierTaken,
		ruleMetersMixed,
		ruleMeterUnknown,
		ruleMeterInactive,
		ruleMeterPayload,
		ruleMeterLast,
		ruleCustomerUnknown,
	}
}

// format is the format of files of usage, for package validate.
func format() *validate.Format {
	return &validate.Format{Name: "usage", Columns: kindOf, Dates: xlsx.DatesWritten}
}

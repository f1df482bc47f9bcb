package validate

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
	"github.com/subferry/subferry/validate/dates"
)

func ruleDateNotUnix() Rule {
	return Rule{
		Code:     "date_not_unix",
		Severity: Error,
		Title:    "A date is not in Unix seconds",
		Why:      "Stripe reads dates as seconds since 1970. Milliseconds, Excel's day numbers and written dates are refused, or mean a moment far away.",
		Fix:      "Write the date in Unix seconds. In a spreadsheet: =(A2-25569)*86400 for a date in A2 that is meant in UTC; format the column as a number without decimals.",
		Bad:      "customer,start_date,price\ncus_Ada,2027-02-01T00:00:00Z,price_Pro\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "toolkit guide, common errors: dates that are not Unix timestamps",
		onlyIf:   hasBadCell,
		Check: func(c *Check) {
			for _, f := range dateFields() {
				if c.unread.has(f) {
					text := strings.TrimSpace(c.text(f.Name(0)))
					hint, fix := odd(f, text)
					m := dates.Read(text, nil)
					message := sayDate(m, c.hint(f.Name(0), text)+hint)
					c.Report(Finding{Column: f.Name(0), Message: message, Fix: fix, Suggestion: m.Suggestion(), Mend: mendDate(m)})
				}
			}
		},
	}
}

// odd says what else a text may be that is no moment, and what to do then; "" when nothing can be said.
func odd(f csvspec.Field, text string) (hint, fix string) {
	if n, err := strconv.Atoi(text); err == nil {
		switch {
		case n == 0:
			return " 0 stands for the first moment of 1970.", "Clear the cell if there is no such date; otherwise write it in Unix seconds."
		case f == csvspec.FieldBillingCycleAnchor && 0 < n && n <= 31:
			return " This looks like a day of the month.", "Write the first date after start_date on which the customer is billed, in Unix seconds."
		case f == csvspec.FieldTrialEnd && 0 < n && n < 1000:
			return " This looks like a number of days.", "Write the moment at which the trial ends: start_date plus the days times 86400."
		}
	}
	if day, _, _ := strings.Cut(strings.Replace(text, "T", " ", 1), " "); len(day) == len(time.DateOnly) && strings.Trim(day, "0123456789-") == "" {
		if _, err := time.Parse(time.DateOnly, day); err != nil && strings.HasSuffix(err.Error(), "out of range") {
			return " The calendar has no such day.", "Write a day that there is, in Unix seconds."
		}
	}
	return "", ""
}

// mendDate returns the command that mends a date, with what it wants to know; "" when the date has no meaning, or one
// that a person has to choose.
func mendDate(m dates.Meaning) Mend {
	switch {
	case m.Exact:
		return MendFix
	case m.Kind == dates.Local:
		return MendFixDates
	case m.Kind == dates.Ambiguous:
		return MendFixOrder
	}
	return ""
}

// sayDate says what a text seems to mean.
func sayDate(m dates.Meaning, guess string) string {
	form := map[dates.Kind]string{
		dates.Quoted:     "this is a number in single quotes (%s).",
		dates.Fraction:   "this is a number with decimals, as pandas writes a column with blanks (%s).",
		dates.Grouped:    "this is a number with separators of thousands (%s).",
		dates.Millis:     "this looks like milliseconds (%s); seconds were expected.",
		dates.Micros:     "this looks like microseconds (%s); seconds were expected.",
		dates.Nanos:      "this looks like nanoseconds (%s); seconds were expected.",
		dates.Zoned:      "this is a written date (%s); Unix seconds were expected.",
		dates.Local:      "this is a written date without a time zone; it would be %s if it were meant in UTC. Unix seconds were expected.",
		dates.Ambiguous:  "this is a written date in which day and month cannot be told apart (%s if the month comes first). Unix seconds were expected.",
		dates.Serial:     "this looks like a date as Excel counts days (%s in a workbook that counts from 1900, meant in UTC). Unix seconds were expected.",
		dates.Compact:    "this looks like a date without separators (%s if it were meant in UTC). Unix seconds were expected.",
		dates.Scientific: "this is how Excel shows a number that does not fit its cell; the last digits are lost (about %s). Take the dates from the original file again.",
	}[m.Kind]
	if m.Kind == dates.Scientific && m.Exact {
		form = "this is a number in scientific notation (%s)."
	}
	if form == "" {
		return "a date in Unix seconds, such as 1801440000, was expected." + guess
	}
	return fmt.Sprintf(form, words.Moment(m.At))
}

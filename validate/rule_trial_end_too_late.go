package validate

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

func ruleTrialEndTooLate() Rule {
	return Rule{
		Code:     "trial_end_too_late",
		Severity: Error,
		Title:    "The trial does not end within the first billing period",
		Why:      "The toolkit allows trials inside the first period only.",
		Fix:      "Set start_date to the end of the trial and clear trial_end: the customer is charged on the same day. Or move start_date to a later moment, so that the trial ends less than one billing period after it.",
		Bad:      adhocDates("trial_end", 1803859200),
		Good:     adhocDates("trial_end", 1803859199),
		Source:   "toolkit guide, column trial_end: before the end of the first cycle; schedules, case 3",
		When:     []csvspec.Field{csvspec.FieldTrialEnd},
		Reads:    []csvspec.Field{csvspec.FieldStartDate, csvspec.FieldTrialEnd},
		Check: func(c *Check) {
			r := c.Row
			if c.begun() || r.TrialEnd <= r.StartDate {
				return
			}
			switch end := c.firstEnd(); {
			case end.known() && c.trialTooLate():
				c.Report(Finding{Column: "trial_end", Message: c.words("%s is not before the end of the first billing period, %s.", words.Moment(r.TrialEnd), words.Moment(end.to))})
			case r.TrialEnd > end.to:
				c.Report(Finding{Column: "trial_end", Message: c.words("%s is more than three years after start_date; no billing period is that long.", words.Moment(r.TrialEnd))})
			case end.maybe(r.TrialEnd):
				c.wait()
			}
		},
	}
}

// Package standing reads how the rows of a migration stand at this moment: what each has become in the account that it was
// migrated into, and the subscription that it has in the account it comes from.
package standing

import (
	"encoding/json"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/period"
)

// Subscription is what decides when a subscription charges, and whether somebody has stopped it.
type Subscription struct {
	ID                 string            `json:"id"`
	Customer           Ref               `json:"customer"`
	Status             string            `json:"status"`
	Schedule           Ref               `json:"schedule"`
	CurrentPeriodStart csvspec.Timestamp `json:"current_period_start"`
	CurrentPeriodEnd   csvspec.Timestamp `json:"current_period_end"`
	CancelAt           csvspec.Timestamp `json:"cancel_at"`
	CancelAtPeriodEnd  bool              `json:"cancel_at_period_end"`
	EndedAt            csvspec.Timestamp `json:"ended_at"`
	TrialEnd           csvspec.Timestamp `json:"trial_end"`
	Anchor             csvspec.Timestamp `json:"billing_cycle_anchor"`
	Created            csvspec.Timestamp `json:"created"`
	CollectionMethod   string            `json:"collection_method"`
	PaymentMethod      Ref               `json:"default_payment_method"`
	LatestInvoice      Ref               `json:"latest_invoice"`
	TestClock          Ref               `json:"test_clock"`
	Metadata           map[string]string `json:"metadata"`
	Pause              *Pause            `json:"pause_collection"`
	Items              struct {
		Data []item `json:"data"`
	} `json:"items"`
}

// Pause is how a subscription is not collected from.
type Pause struct {
	Behavior  string            `json:"behavior"`
	ResumesAt csvspec.Timestamp `json:"resumes_at"` // blank: when somebody says so
}

type item struct {
	PeriodStart csvspec.Timestamp `json:"current_period_start"`
	PeriodEnd   csvspec.Timestamp `json:"current_period_end"`
	Price       struct {
		Recurring *struct {
			Interval string `json:"interval"`
			Count    int64  `json:"interval_count"`
		} `json:"recurring"`
	} `json:"price"`
}

// PeriodEnd is when what is paid ends; since API version 2025-03-31 it stands on the items.
func (s *Subscription) PeriodEnd() csvspec.Timestamp {
	end := s.CurrentPeriodEnd
	for _, i := range s.Items.Data {
		if s.CurrentPeriodEnd.IsBlank() && (end.IsBlank() || i.PeriodEnd < end) {
			end = i.PeriodEnd
		}
	}
	return end
}

// latest is the latest moment that the subscription shows to have come: what has begun, has begun, whatever a clock says.
func (s *Subscription) latest() csvspec.Timestamp {
	if s == nil {
		return 0
	}
	latest := max(s.Created, s.CurrentPeriodStart, s.EndedAt)
	for _, i := range s.Items.Data {
		latest = max(latest, i.PeriodStart)
	}
	return latest
}

// Cycle is how often it is billed; not Valid when that is not known.
func (s *Subscription) Cycle() period.Cycle {
	for _, i := range s.Items.Data {
		if r := i.Price.Recurring; r != nil {
			return period.Cycle{Interval: r.Interval, Count: max(1, r.Count)}
		}
	}
	return period.Cycle{}
}

// Ended tells whether it is over for good.
func (s *Subscription) Ended() bool {
	return s.Status == "canceled" || s.Status == "incomplete_expired"
}

// ends tells whether it ends before it would charge again.
func (s *Subscription) ends() bool {
	return s.CancelAtPeriodEnd || !s.CancelAt.IsBlank() && s.CancelAt <= s.PeriodEnd()
}

// EndOf is when a subscription ends that will not go on after its period.
func (s *Subscription) EndOf() csvspec.Timestamp {
	if !s.CancelAt.IsBlank() {
		return min(s.CancelAt, s.PeriodEnd())
	}
	return s.PeriodEnd()
}

// Next returns when it charges next; blank when it will not, unless somebody changes it.
func (s *Subscription) Next() csvspec.Timestamp {
	end := s.PeriodEnd()
	switch {
	case s.Ended(), s.Status == "incomplete", s.Status == "unpaid", s.Status == "paused", s.ends():
		return 0
	case s.Pause == nil || !s.Pause.ResumesAt.IsBlank() && s.Pause.ResumesAt <= end:
		return end
	case s.Pause.ResumesAt.IsBlank():
		return 0
	}
	return s.Pause.ResumesAt
}

// FirstCharge is when it charges, or has charged, for the first time; blank when it ends without a charge.
func (s *Subscription) FirstCharge() csvspec.Timestamp {
	first := s.TrialEnd
	if first.IsBlank() {
		first = max(s.Created, min(s.Anchor, s.PeriodEnd()))
	}
	if !s.CancelAt.IsBlank() && s.CancelAt <= first {
		return 0
	}
	return first
}

// Schedule is a subscription schedule.
type Schedule struct {
	ID                   string            `json:"id"`
	Status               string            `json:"status"`
	EndBehavior          string            `json:"end_behavior"`
	Subscription         Ref               `json:"subscription"`
	ReleasedSubscription Ref               `json:"released_subscription"`
	Metadata             map[string]string `json:"metadata"`
	Phases               []struct {
		StartDate csvspec.Timestamp `json:"start_date"`
		EndDate   csvspec.Timestamp `json:"end_date"`
		TrialEnd  csvspec.Timestamp `json:"trial_end"`
	} `json:"phases"`
}

// Live returns the subscription that the schedule has started; "" when it has not.
func (s *Schedule) Live() string {
	if s.Subscription != "" {
		return string(s.Subscription)
	}
	return string(s.ReleasedSubscription)
}

// FirstCharge is when a schedule that has not started charges for the first time; blank when it ends without a charge.
func (s *Schedule) FirstCharge() csvspec.Timestamp {
	if len(s.Phases) == 0 {
		return 0
	}
	first, last := s.Phases[0], s.Phases[len(s.Phases)-1]
	if s.EndBehavior == "cancel" && first.TrialEnd >= last.EndDate {
		return 0
	}
	return max(first.StartDate, first.TrialEnd)
}

// End is when a schedule ends its subscription; blank when it does not.
func (s *Schedule) End() csvspec.Timestamp {
	if s.EndBehavior != "cancel" || len(s.Phases) == 0 {
		return 0
	}
	return s.Phases[len(s.Phases)-1].EndDate
}

// Ref is the ID of an object, which may be expanded.
type Ref string

// UnmarshalJSON reads both forms; null is "".
func (r *Ref) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '{' {
		var o struct {
			ID string `json:"id"`
		}
		err := json.Unmarshal(text, &o)
		*r = Ref(o.ID)
		return err
	}
	return json.Unmarshal(text, (*string)(r))
}

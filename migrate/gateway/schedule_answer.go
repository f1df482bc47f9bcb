package gateway

import (
	"encoding/json"

	"github.com/stripe/stripe-go/v76"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
)

// scheduleAnswer is the part of a schedule that a migration reads. stripe-go's own struct decodes every nested
// object in several passes, which would cost more than all the rest of a call.
type scheduleAnswer struct {
	stripe.APIResource
	ID                   string            `json:"id"`
	Object               string            `json:"object"`
	Customer             reference         `json:"customer"`
	Status               string            `json:"status"`
	EndBehavior          string            `json:"end_behavior"`
	Subscription         reference         `json:"subscription"`
	ReleasedSubscription reference         `json:"released_subscription"`
	Created              csvspec.Timestamp `json:"created"`
	Metadata             map[string]string `json:"metadata"`
	Phases               []struct {
		StartDate csvspec.Timestamp `json:"start_date"`
	} `json:"phases"`
	CurrentPhase struct {
		StartDate csvspec.Timestamp `json:"start_date"`
	} `json:"current_phase"`
}

func (a *scheduleAnswer) complete() bool { return a.ID != "" && a.Object == "subscription_schedule" }

// state returns what was read; the answer is the schedule's own or that of the list it came in.
func (a *scheduleAnswer) state(answer *stripe.APIResponse) migrate.ScheduleState {
	s := migrate.ScheduleState{
		ID:           a.ID,
		Customer:     string(a.Customer),
		Status:       a.Status,
		EndBehavior:  a.EndBehavior,
		Subscription: string(a.Subscription),
		Created:      a.Created,
		Metadata:     a.Metadata,
		RequestID:    answer.RequestID,
		Replayed:     isReplayed(answer.Header),
	}
	if s.Subscription == "" { // a released schedule has let go of it
		s.Subscription = string(a.ReleasedSubscription)
	}
	if len(a.Phases) > 0 {
		s.StartDate = a.Phases[0].StartDate
		current := max(s.StartDate, a.CurrentPhase.StartDate) // none before the start
		s.LaterPhases = current < a.Phases[len(a.Phases)-1].StartDate
	}
	return s
}

// reference is the ID of another object, which Stripe sends as its ID or as the whole object.
type reference string

// UnmarshalJSON reads both forms; null is "".
func (r *reference) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '{' {
		var object struct {
			ID string `json:"id"`
		}
		err := json.Unmarshal(data, &object)
		*r = reference(object.ID)
		return err
	}
	return json.Unmarshal(data, (*string)(r))
}

// scheduleList is one page of schedules.
type scheduleList struct {
	stripe.APIResource
	page
	Data []scheduleAnswer `json:"data"`
}

// page is what all lists have in common.
type page struct {
	Object  string `json:"object"`
	HasMore bool   `json:"has_more"`
}

func (p *page) complete() bool { return p.Object == "list" }

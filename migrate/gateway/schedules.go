package gateway

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/stripe/stripe-go/v76"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/schedule"
)

// pageSize is the most that Stripe returns in one page of a list.
const pageSize = 100

// CreateSchedule asks for one schedule under an idempotency key, with one request. What must outlive the only phase
// (tax, collection) is stated twice, on the phase and in default_settings.
//
// stripe-go's structs are shared with updates: phases[].start_date, the top-level proration_behavior and
// default_settings' further fields are not for creating and stay out.
func (g *Gateway) CreateSchedule(ctx context.Context, s schedule.Schedule, key string) (migrate.ScheduleState, error) {
	return g.schedule(ctx, request{
		method: http.MethodPost, path: "/v1/subscription_schedules", key: key,
		params: &stripe.SubscriptionScheduleParams{
			Customer:        &s.Customer,
			StartDate:       (*int64)(&s.StartDate),
			EndBehavior:     &s.EndBehavior,
			Metadata:        metadataParams(s.Metadata),
			DefaultSettings: defaultSettingsParams(s.Phase),
			Phases:          []*stripe.SubscriptionSchedulePhaseParams{phaseParams(s.Phase)},
		},
	})
}

// Schedule returns a schedule as it is now, with one request.
func (g *Gateway) Schedule(ctx context.Context, id string) (migrate.ScheduleState, error) {
	return g.schedule(ctx, request{method: http.MethodGet, path: objectPath("subscription_schedules", id)})
}

// CancelSchedule cancels a schedule under an idempotency key, with one request. Both invoice_now and prorate are
// true unless said otherwise, and canceling a migration must bill nothing.
func (g *Gateway) CancelSchedule(ctx context.Context, id, key string) (migrate.ScheduleState, error) {
	return g.schedule(ctx, request{
		method: http.MethodPost, path: objectPath("subscription_schedules", id) + "/cancel", key: key,
		params: &stripe.SubscriptionScheduleCancelParams{InvoiceNow: stripe.Bool(false), Prorate: stripe.Bool(false)},
	})
}

// ReleaseSchedule releases a schedule under an idempotency key, with one request: its subscription goes on by itself.
// Should the schedule have come to set an end to the subscription meanwhile, that end stays.
func (g *Gateway) ReleaseSchedule(ctx context.Context, id, key string) (migrate.ScheduleState, error) {
	return g.schedule(ctx, request{
		method: http.MethodPost, path: objectPath("subscription_schedules", id) + "/release", key: key,
		params: &stripe.SubscriptionScheduleReleaseParams{PreserveCancelDate: stripe.Bool(true)},
	})
}

func (g *Gateway) schedule(ctx context.Context, r request) (migrate.ScheduleState, error) {
	var a scheduleAnswer
	if err := g.send(ctx, r, &a); err != nil {
		return migrate.ScheduleState{}, err
	}
	return a.state(a.LastResponse), nil
}

// Schedules returns one page of at most 100 schedules that match the filter, newest first, with one request.
func (g *Gateway) Schedules(ctx context.Context, f migrate.ScheduleFilter) (migrate.SchedulePage, error) {
	params := &stripe.SubscriptionScheduleListParams{Customer: text(f.Customer)}
	params.Limit = stripe.Int64(pageSize)
	params.StartingAfter = text(f.After)
	if f.NotStarted {
		params.Scheduled = &f.NotStarted
	}
	var list scheduleList
	if err := g.send(ctx, request{method: http.MethodGet, path: "/v1/subscription_schedules", params: params}, &list); err != nil {
		return migrate.SchedulePage{}, err
	}
	found := migrate.SchedulePage{Schedules: make([]migrate.ScheduleState, 0, len(list.Data)), More: list.HasMore}
	for i := range list.Data {
		found.Schedules = append(found.Schedules, list.Data[i].state(list.LastResponse))
	}
	return found, nil
}

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
	if s.Subscription == "" { // a released schedule names it elsewhere
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

package gateway

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/stripe/stripe-go/v76"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/usage"
	judge "github.com/subferry/subferry/validate/usage"
)

var _ usage.Gateway = (*Gateway)(nil)

// meterAnswer is the part of a meter that decides what its events look like.
type meterAnswer struct {
	ID                 string `json:"id"`
	EventName          string `json:"event_name"`
	Status             string `json:"status"`
	DefaultAggregation struct {
		Formula string `json:"formula"`
	} `json:"default_aggregation"`
	CustomerMapping struct {
		EventPayloadKey string `json:"event_payload_key"`
	} `json:"customer_mapping"`
	ValueSettings struct {
		EventPayloadKey string `json:"event_payload_key"`
	} `json:"value_settings"`
}

type meterList struct {
	stripe.APIResource
	page
	Data []meterAnswer `json:"data"`
}

// Meters implements usage.Gateway.
func (g *Gateway) Meters(ctx context.Context, after string) (usage.MeterPage, error) {
	params := &stripe.BillingMeterListParams{}
	params.Limit = stripe.Int64(pageSize)
	if after != "" {
		params.StartingAfter = &after
	}
	var list meterList
	if err := g.send(ctx, request{method: http.MethodGet, path: "/v1/billing/meters", params: params}, &list); err != nil {
		return usage.MeterPage{}, err
	}
	found := usage.MeterPage{More: list.HasMore}
	for _, m := range list.Data {
		found.Meters = append(found.Meters, judge.Meter{
			ID: m.ID, EventName: m.EventName, Active: m.Status == string(stripe.BillingMeterStatusActive), Formula: m.DefaultAggregation.Formula,
			CustomerKey: m.CustomerMapping.EventPayloadKey, ValueKey: m.ValueSettings.EventPayloadKey,
		})
	}
	return found, nil
}

// objectAnswer is an answer of which only the kind counts.
type objectAnswer struct {
	stripe.APIResource
	Object string `json:"object"`
	kind   string
}

func (a *objectAnswer) complete() bool { return a.Object == a.kind }

// SendUsage implements usage.Gateway. The request has a random idempotency key: what keeps an event from being counted
// twice is its identifier.
func (g *Gateway) SendUsage(ctx context.Context, m usage.Message) (string, error) {
	at := int64(m.Timestamp)
	return g.changed(ctx, "/v1/billing/meter_events", "billing.meter_event", &stripe.BillingMeterEventParams{
		EventName: &m.Meter, Identifier: &m.Identifier, Timestamp: &at, Payload: payload(m),
	})
}

// CancelUsage implements usage.Gateway.
func (g *Gateway) CancelUsage(ctx context.Context, meter, identifier string) (string, error) {
	return g.changed(ctx, "/v1/billing/meter_event_adjustments", "billing.meter_event_adjustment", &stripe.BillingMeterEventAdjustmentParams{
		EventName: &meter, Type: stripe.String(string(stripe.BillingMeterEventAdjustmentTypeCancel)),
		Cancel: &stripe.BillingMeterEventAdjustmentCancelParams{Identifier: &identifier},
	})
}

// changed makes a POST request and returns its ID.
func (g *Gateway) changed(ctx context.Context, path, kind string, params any) (string, error) {
	a := objectAnswer{kind: kind}
	if err := g.send(ctx, request{method: http.MethodPost, path: path, params: params}, &a); err != nil {
		return "", err
	}
	return a.LastResponse.RequestID, nil
}

func payload(m usage.Message) map[string]string {
	pairs := make(map[string]string, len(m.Payload))
	for _, p := range m.Payload {
		pairs[p.Key] = p.Value
	}
	return pairs
}

type summaryList struct {
	stripe.APIResource
	page
	Data []struct {
		ID              string      `json:"id"`
		StartTime       int64       `json:"start_time"`
		EndTime         int64       `json:"end_time"`
		AggregatedValue json.Number `json:"aggregated_value"` // stripe-go would read a float
	} `json:"data"`
}

// Summaries implements usage.Gateway.
func (g *Gateway) Summaries(ctx context.Context, q usage.SummaryQuery) (usage.SummaryPage, error) {
	params := &stripe.BillingMeterEventSummaryListParams{
		Customer: &q.Customer, StartTime: stripe.Int64(int64(q.Start)), EndTime: stripe.Int64(int64(q.End)),
	}
	params.Limit = stripe.Int64(pageSize)
	if q.Window != "" {
		params.ValueGroupingWindow = &q.Window
	}
	if q.After != "" {
		params.StartingAfter = &q.After
	}
	var list summaryList
	path := objectPath("billing/meters", q.Meter) + "/event_summaries"
	if err := g.send(ctx, request{method: http.MethodGet, path: path, params: params}, &list); err != nil {
		return usage.SummaryPage{}, err
	}
	found := usage.SummaryPage{More: list.HasMore}
	for _, s := range list.Data {
		found.Summaries = append(found.Summaries, usage.MeterSummary{
			ID: s.ID, Start: csvspec.Timestamp(s.StartTime), End: csvspec.Timestamp(s.EndTime), Value: s.AggregatedValue.String(),
		})
	}
	return found, nil
}

package object

// Meter sums up the usage of customers.
type Meter struct {
	ID                 string           `json:"id"`
	Object             string           `json:"object"`
	Created            int64            `json:"created"`
	CustomerMapping    MeterMapping     `json:"customer_mapping"`
	DefaultAggregation MeterAggregation `json:"default_aggregation"`
	DisplayName        string           `json:"display_name"`
	EventName          string           `json:"event_name"`
	EventTimeWindow    Text             `json:"event_time_window"`
	Livemode           bool             `json:"livemode"`
	Status             string           `json:"status"`
	StatusTransitions  MeterTransitions `json:"status_transitions"`
	Updated            int64            `json:"updated"`
	ValueSettings      MeterValue       `json:"value_settings"`
}

// The states of a meter.
const (
	MeterActive   = "active"
	MeterInactive = "inactive"
)

// Key is the meter's ID.
func (m *Meter) Key() string { return m.ID }

// MeterMapping says which key of an event's payload names the customer.
type MeterMapping struct {
	EventPayloadKey string `json:"event_payload_key"`
	Type            string `json:"type"`
}

// MeterAggregation says how events are summed up: count, last or sum.
type MeterAggregation struct {
	Formula string `json:"formula"`
}

// MeterTransitions are when the meter's status changed.
type MeterTransitions struct {
	DeactivatedAt Stamp `json:"deactivated_at"`
}

// MeterValue says which key of an event's payload holds the value.
type MeterValue struct {
	EventPayloadKey string `json:"event_payload_key"`
}

// NewMeter returns a meter with Stripe's defaults.
func NewMeter(id string, now int64) *Meter {
	return &Meter{
		ID: id, Object: "billing.meter", Created: now, Updated: now, Status: MeterActive,
		CustomerMapping:    MeterMapping{"stripe_customer_id", "by_id"},
		DefaultAggregation: MeterAggregation{"sum"}, ValueSettings: MeterValue{"value"},
	}
}

// MeterEvent is an event as it is answered.
type MeterEvent struct {
	Object     string            `json:"object"`
	Created    int64             `json:"created"`
	EventName  string            `json:"event_name"`
	Identifier string            `json:"identifier"`
	Livemode   bool              `json:"livemode"`
	Payload    map[string]string `json:"payload"`
	Timestamp  int64             `json:"timestamp"`
}

// Usage is an event as it is kept: one that counts, or did until it was canceled.
type Usage struct {
	ID         string `json:"id"` // the identifier, with a number behind it when that was forgotten and came again
	Identifier string `json:"identifier"`
	Meter      string `json:"meter"` // ID
	Customer   string `json:"customer"`
	Timestamp  int64  `json:"timestamp"`
	Value      string `json:"value"` // a decimal number
	Received   int64  `json:"received"`
	Canceled   bool   `json:"canceled,omitempty"`
	Repeats    int    `json:"repeats,omitempty"` // how often the identifier came again later; on its first event
}

// Key is the event's ID.
func (u *Usage) Key() string { return u.ID }

// Owner is what events are summed up by: a customer of a meter.
func (u *Usage) Owner() string { return UsageOwner(u.Meter, u.Customer) }

// UsageOwner names the events of a customer of a meter.
func UsageOwner(meter, customer string) string { return meter + "/" + customer }

// MeterEventAdjustment is the answer to a cancellation of an event.
type MeterEventAdjustment struct {
	Object    string               `json:"object"`
	Cancel    MeterEventIdentifier `json:"cancel"`
	EventName string               `json:"event_name"`
	Livemode  bool                 `json:"livemode"`
	Status    string               `json:"status"`
	Type      string               `json:"type"`
}

// MeterEventIdentifier names an event.
type MeterEventIdentifier struct {
	Identifier string `json:"identifier"`
}

// MeterEventSummary is what a meter has counted of a customer in a stretch of time.
type MeterEventSummary struct {
	ID              string `json:"id"`
	Object          string `json:"object"`
	AggregatedValue Number `json:"aggregated_value"`
	EndTime         int64  `json:"end_time"`
	Livemode        bool   `json:"livemode"`
	Meter           string `json:"meter"`
	StartTime       int64  `json:"start_time"`
}

// Key is the summary's ID.
func (s *MeterEventSummary) Key() string { return s.ID }

// Number is a decimal number as text.
type Number string

// MarshalJSON writes a JSON number.
func (n Number) MarshalJSON() ([]byte, error) { return []byte(n), nil }

// MeterErrorReport says which events were dropped after they had been taken. It names samples only.
type MeterErrorReport struct {
	Object           string            `json:"object"`
	DeveloperMessage string            `json:"developer_message_summary"`
	Reason           MeterErrorReason  `json:"reason"`
	RelatedObject    *MeterErrorObject `json:"related_object"` // the meter; null when there is none
	ValidationStart  string            `json:"validation_start"`
	ValidationEnd    string            `json:"validation_end"`
}

// MeterErrorObject names a meter.
type MeterErrorObject struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	URL  string `json:"url"`
}

// MeterErrorReason counts errors.
type MeterErrorReason struct {
	ErrorCount int               `json:"error_count"`
	ErrorTypes []*MeterErrorType `json:"error_types"`
}

// MeterErrorType is the errors of one code.
type MeterErrorType struct {
	Code         string             `json:"code"`
	ErrorCount   int                `json:"error_count"`
	SampleErrors []MeterSampleError `json:"sample_errors"`
}

// MeterSampleError is one dropped event.
type MeterSampleError struct {
	ErrorMessage string               `json:"error_message"`
	Request      MeterEventIdentifier `json:"request"`
}

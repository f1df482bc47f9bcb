package object

import "encoding/json"

// Event says that something happened to an object.
type Event struct {
	ID              string       `json:"id"`
	Object          string       `json:"object"`
	APIVersion      string       `json:"api_version"`
	Created         int64        `json:"created"`
	Data            EventData    `json:"data"`
	Livemode        bool         `json:"livemode"`
	PendingWebhooks int64        `json:"pending_webhooks"`
	Request         EventRequest `json:"request"`
	Type            string       `json:"type"`
}

// EventData is the object as it was after what happened.
type EventData struct {
	Object json.RawMessage `json:"object"`
}

// EventRequest is the request that caused an event; null when the clock did.
type EventRequest struct {
	ID             Text `json:"id"`
	IdempotencyKey Text `json:"idempotency_key"`
}

// TestClock is a clock of its own for some customers.
type TestClock struct {
	ID           string `json:"id"`
	Object       string `json:"object"`
	Created      int64  `json:"created"`
	DeletesAfter int64  `json:"deletes_after"`
	FrozenTime   int64  `json:"frozen_time"`
	Livemode     bool   `json:"livemode"`
	Name         Text   `json:"name"`
	Status       string `json:"status"`
}

// Key is the clock's ID.
func (c *TestClock) Key() string { return c.ID }

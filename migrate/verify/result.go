package verify

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"

	"github.com/subferry/subferry/csvspec"
)

// Difference is a field of a row that is not as the row asks for.
type Difference struct {
	Row            int64  `json:"row"`
	Line           int64  `json:"line"`
	Customer       string `json:"customer"`
	ScheduleID     string `json:"schedule_id"`
	SubscriptionID string `json:"subscription_id"`
	SourceID       string `json:"source_id"`
	Value
	Sentence string `json:"sentence"` // for people who do not know the API
}

// Line is a row in which no difference was found.
type Line struct {
	Row            int64  `json:"row"`
	Line           int64  `json:"line"`
	Customer       string `json:"customer"`
	ScheduleID     string `json:"schedule_id"`
	SubscriptionID string `json:"subscription_id"`
	SourceID       string `json:"source_id"`
	Status         string `json:"status"` // of the schedule, or of its subscription once that exists
	Fields         int    `json:"fields"` // how many were compared
	SHA256         string `json:"sha256"` // of the compared values
}

// Result is what a verification has found.
type Result struct {
	Migration     string       `json:"migration"`
	Account       string       `json:"account"`
	Livemode      bool         `json:"livemode"`
	SourceAccount string       `json:"source_account"` // "" when only the destination was read
	File          string       `json:"file"`
	FileSHA256    string       `json:"file_sha256"`
	At            string       `json:"at"`        // when it was verified, RFC 3339
	Rows          int64        `json:"rows"`      // that the ledger has begun
	Verified      int64        `json:"verified"`  // of those, without a difference
	Different     int64        `json:"different"` // of those, with one
	Canceled      int64        `json:"canceled"`  // of those, not compared because they were canceled
	NotBegun      int64        `json:"not_begun"` // rows of the file that the ledger has not begun: left out, held back, or not yet run
	NoSource      int64        `json:"no_source"` // rows compared with the destination only, because they name no source subscription
	Differences   []Difference `json:"differences"`
	SHA256        string       `json:"sha256"` // of the file's and all rows' hashes; "" when there are differences
	Requests      int64        `json:"requests"`

	Lines   []Line    `json:"-"` // the rows without a difference
	Preview []Preview `json:"preview,omitempty"`
	Repairs []Repair  `json:"repairs,omitempty"` // coupons that were lost
}

// Clean tells whether nothing differs.
func (r *Result) Clean() bool { return len(r.Differences) == 0 }

// note takes in what was compared of a row.
func (r *Result) note(line Line, values []Value) (verified bool) {
	before := len(r.Differences)
	for _, v := range values {
		if v.Expected != v.Found {
			r.Differences = append(r.Differences, Difference{
				Row: line.Row, Line: line.Line, Customer: line.Customer, ScheduleID: line.ScheduleID, SubscriptionID: line.SubscriptionID,
				SourceID: line.SourceID, Value: v, Sentence: sentenceOf(v),
			})
		}
	}
	if len(r.Differences) > before {
		r.Different++
		return false
	}
	r.Verified++
	r.Lines = append(r.Lines, line)
	return true
}

// hashOf is the SHA-256 of compared values: what is hashed is each side, field and value, with its length before it.
func hashOf(values []Value) string {
	h := sha256.New()
	for _, v := range values {
		write(h, string(v.Side), v.Field, v.Expected, v.Found)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func write(h hash.Hash, texts ...string) {
	for _, text := range texts {
		fmt.Fprintf(h, "%d:", len(text))
		_, _ = io.WriteString(h, text) // a hash never fails
	}
}

// seal computes the hash of the whole.
func (r *Result) seal(now csvspec.Timestamp) {
	r.At = now.String()
	if !r.Clean() {
		return
	}
	h := sha256.New()
	write(h, r.Migration, r.Account, r.SourceAccount, r.FileSHA256)
	for _, l := range r.Lines {
		write(h, csvspec.Of(l.Row).String(), l.SHA256)
	}
	r.SHA256 = hex.EncodeToString(h.Sum(nil))
}

package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"

	"github.com/subferry/subferry/migrate/schedule"
)

// digest stands for all rows: two plans with the same digest create the same schedules for the same charges.
type digest struct {
	hash hash.Hash
	out  *json.Encoder
}

// add takes in a row. The number of the row is part of it, so that equal rows in another order differ.
func (d digest) add(row *Row, p *schedule.Planned) error {
	one := struct {
		Row          *Row                   `json:"row"`
		Schedule     *schedule.Schedule     `json:"schedule,omitempty"`
		Subscription *schedule.Subscription `json:"subscription,omitempty"`
	}{Row: row, Subscription: p.Subscription}
	if !p.IsDirect() {
		one.Schedule = &p.Schedule
	}
	return d.out.Encode(one)
}

func (d digest) sum() string { return hex.EncodeToString(d.hash.Sum(nil)) }

// seal returns the digest of the plan: of all that its file says, but for the digest itself.
func (p *Plan) seal() (string, error) {
	unsealed := *p
	unsealed.Digest = ""
	text, err := json.Marshal(unsealed)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

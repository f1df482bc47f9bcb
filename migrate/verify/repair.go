package verify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/schedule"
)

// Repairer gives a lost coupon back. *gateway.Gateway is one. Its errors are *migrate.StripeError.
type Repairer interface {
	// SetScheduleCoupon writes the only phase of a schedule that has not started once more, as it was created, with its coupon.
	SetScheduleCoupon(ctx context.Context, id string, s schedule.Schedule, key string) error

	// SetSubscriptionCoupon gives a subscription a coupon, and changes nothing else.
	SetSubscriptionCoupon(ctx context.Context, id, coupon, key string) error
}

// Repair is a coupon that was lost, and how it is given back.
type Repair struct {
	Row            int64  `json:"row"`
	Line           int64  `json:"line"`
	Customer       string `json:"customer"`
	ScheduleID     string `json:"schedule_id"`
	SubscriptionID string `json:"subscription_id"`
	Coupon         string `json:"coupon"`
	Request        string `json:"request"` // that gives it back; "" when that is left to people
	Reason         string `json:"reason"`  // why it is left to people
	Done           bool   `json:"done"`
	Error          string `json:"error"` // Stripe's message, word for word

	planned schedule.Planned
}

// closest is how close to its start a schedule is not changed any more: it may start meanwhile.
const closest = 5 * time.Minute

// lost notes a coupon that the row asks for and that is not there; nothing else of what differs is ever repaired.
func (w *work) lost(c *comparison, line Line) {
	lost, others := false, false
	for _, v := range c.values {
		switch {
		case v.Side != Destination || v.Expected == v.Found:
		case v.Field == "coupon" && v.Found == "":
			lost = true
		default:
			others = true
		}
	}
	if !lost {
		return
	}
	coupon := w.facts.Coupons[c.planned.Terms().Coupon]
	r := Repair{Row: line.Row, Line: line.Line, Customer: line.Customer, ScheduleID: line.ScheduleID, SubscriptionID: line.SubscriptionID,
		Coupon: c.planned.Terms().Coupon, planned: *c.planned}
	started := line.SubscriptionID != ""
	begun := started && !c.planned.FirstCharge.IsBlank() && c.planned.FirstCharge <= w.now
	switch {
	case coupon.ID == "" || !coupon.Valid:
		r.Reason = "the account does not have the coupon any more, or it can no longer be redeemed"
	case line.Status == "canceled" || line.Status == "incomplete_expired" || line.Status == "completed":
		r.Reason = "the subscription has ended"
	case begun && coupon.Duration == "repeating":
		r.Reason = "its months would begin anew, so that the discount would last longer than promised; give a coupon with the months that are left"
	case !started && others:
		r.Reason = "the schedule differs in more than its coupon, and writing its phase once more would change that as well"
	case !started && w.now.Time().Add(closest).After(c.planned.StartDate.Time()):
		r.Reason = "it starts within minutes; verify again when it is live"
	case started:
		r.Request = "POST /v1/subscriptions/" + line.SubscriptionID + " with coupon=" + r.Coupon
	default:
		r.Request = "POST /v1/subscription_schedules/" + line.ScheduleID + " with its only phase as the row says, coupon " + r.Coupon
	}
	w.result.Repairs = append(w.result.Repairs, r)
}

// Apply gives the coupons of a verification's Repairs back that have a Request, and notes in each what came of it. The
// object is read right before and right after: a coupon that somebody else has given meanwhile stays. What was begun and
// interrupted is found out by verifying again. It returns ledger.ErrLocked when somebody works on the migration.
func (v *Verifier) Apply(ctx context.Context, migration string, repairs []Repair, by Repairer, log *slog.Logger) error {
	unlock, err := v.Ledger.Lock(migration)
	if err != nil {
		return err
	}
	defer unlock()
	for i := range repairs {
		r := &repairs[i]
		if r.Request == "" {
			continue
		}
		err := v.apply(ctx, migration, r, by, log)
		var failure *migrate.StripeError
		if err != nil && errors.As(err, &failure) && failure.Outcome == migrate.Refused {
			r.Error = failure.Error()
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// attempts is how often a request whose outcome is not known is made.
const attempts = 3

// apply gives one coupon back.
func (v *Verifier) apply(ctx context.Context, migration string, r *Repair, by Repairer, log *slog.Logger) error {
	for attempt := 1; ; attempt++ {
		there, movable, err := v.couponOf(ctx, r)
		switch {
		case err != nil:
			return err
		case there == r.Coupon:
			r.Done = true
			log.Info("coupon is there", slog.Int64("row", r.Row), slog.String("coupon", r.Coupon))
			return nil
		case there != "" || !movable:
			r.Error = "it has changed since it was verified: verify again"
			return nil
		case attempt > attempts:
			r.Error = "Stripe has taken the request and does not show the coupon: verify again later"
			return nil
		}
		sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d/%s/%d/%d", migration, r.Row, r.Coupon, v.Clock.Now().UnixNano(), attempt))
		key := "subferry_" + hex.EncodeToString(sum[:16])
		log.Info("coupon is about to be given back", slog.String("migration", migration), slog.Int64("row", r.Row),
			slog.String("schedule", r.ScheduleID), slog.String("subscription", r.SubscriptionID), slog.String("coupon", r.Coupon), slog.String("key", key))
		_, err = migrate.Tell(ctx, v.Destination.Migrator.Until(nil), func() (struct{}, error) {
			if r.SubscriptionID != "" {
				return struct{}{}, by.SetSubscriptionCoupon(ctx, r.SubscriptionID, r.Coupon, key)
			}
			return struct{}{}, by.SetScheduleCoupon(ctx, r.ScheduleID, r.planned.Schedule, key)
		})
		var failure *migrate.StripeError
		if err != nil && (!errors.As(err, &failure) || failure.Outcome != migrate.Unknown) {
			return err
		}
	}
}

// couponOf reads the coupon that a row's subscription, or its schedule, has now. movable tells whether it can still be
// given: a schedule that has started meanwhile cannot.
func (v *Verifier) couponOf(ctx context.Context, r *Repair) (id string, movable bool, err error) {
	if r.SubscriptionID != "" {
		var s subscriptionObject
		err := v.readInto(ctx, "/v1/subscriptions/"+url.PathEscape(r.SubscriptionID), &s)
		id, _ := s.coupon()
		return id, !s.ended(), err
	}
	var s scheduleObject
	if err := v.readInto(ctx, "/v1/subscription_schedules/"+url.PathEscape(r.ScheduleID), &s); err != nil {
		return "", false, err
	}
	if len(s.Phases) != 1 {
		return "", false, nil
	}
	soon := csvspec.At(v.Clock.Now().Add(closest))
	return string(s.Phases[0].Coupon), s.Status == "not_started" && s.Phases[0].StartDate > soon, nil
}

func (v *Verifier) readInto(ctx context.Context, path string, into any) error {
	raw, err := v.Destination.ask(ctx, path, nil)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

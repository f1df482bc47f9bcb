package toolkit

import (
	"slices"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
)

// statusStates are about subscriptions that are over or were never begun, and about payments that do not run as they
// should.
var statusStates = []State{
	immovable("ended", "It is canceled or has expired: there is nothing left to move.", func(l *looked) bool {
		return l.over()
	}),
	immovable("cut_over", "A cutover of this program has stopped it: the destination account has what stands for it already. Let it go on with migrate cutover --undo, not by moving it again.",
		func(l *looked) bool { return l.cutOver() && !l.over() }),
	immovable("incomplete", "Its first payment has not succeeded. Within 23 hours it becomes active or expires: export again then.",
		func(l *looked) bool { return l.Status == "incomplete" }),
	immovable("unknown_status", "Its status is one that this program does not know, so nobody can say what moving it would do.", func(l *looked) bool {
		return !slices.Contains([]string{"active", "trialing", "past_due", "unpaid", "paused", "incomplete", "canceled", "incomplete_expired", "ended"}, l.Status)
	}),
	immovable("period_passed", "What is paid has ended already, and the source account is about to charge for the next period: export again when it has.",
		func(l *looked) bool { return l.end <= l.now && l.Status != "paused" }),
	immovable("period_unknown", "It is paused without a period that lies ahead, so there is no date on which the new one could begin: resume it in the source account first.",
		func(l *looked) bool { return l.end <= l.now && l.Status == "paused" }),
	immovable("no_items", "It sells nothing: it has no items.", func(l *looked) bool { return len(l.Items.Data) == 0 }),
	decide("past_due", "Its last invoice is not paid. That invoice stays with the source account; moved, the customer is charged for the next period by the new one.",
		"start at the end of the period, and collect the open invoice in the source account", func(l *looked) bool { return l.Status == "past_due" }),
	decide("unpaid", "Stripe has given up collecting its invoices. Moved, the customer would be charged again although earlier periods were never paid.",
		"start at the end of the period; what is owed stays in the source account", func(l *looked) bool { return l.Status == "unpaid" }),
	decide("paused", "Its trial ended without a payment method, and it waits. Moved, it would charge as soon as there is one.",
		"start at the end of the period and charge then", func(l *looked) bool { return l.Status == "paused" }),
	decide("collection_paused", "Collecting payments is paused. The format cannot pause: moved, the customer is charged again from the next period on.",
		"charge from the next period on", func(l *looked) bool { return present(l.Pause) && !l.cutOver() }),
	remark("trialing", "It is in trial: the new one begins when the trial ends, and charges then.",
		func(l *looked) bool { return l.Status == "trialing" && l.TrialEnd == l.end }),
	decide("trial_end_differs", "It is in trial, and the trial does not end with its period.",
		"start, and charge, at the end of the period", func(l *looked) bool { return l.Status == "trialing" && l.TrialEnd != l.end }),
	remark("invoiced", "It is paid by invoice: the customer needs an e-mail address in the destination account, and both accounts must not send the renewal e-mail.",
		func(l *looked) bool { return l.Collection == "send_invoice" && l.DaysUntilDue != nil }),
	immovable("invoice_terms_unknown", "It is paid by invoice, and does not say in how many days an invoice is due.",
		func(l *looked) bool { return l.Collection == "send_invoice" && l.DaysUntilDue == nil }),
	decide("pending_update", "A change of it waits for a payment. It would be lost: what moves is how it is now.",
		"move it as it is now", func(l *looked) bool { return present(l.PendingUpdate) }),
	decide("pending_invoice_items", "Its pending items are invoiced at an interval of their own, which the format cannot say.",
		"invoice pending items with the renewals", func(l *looked) bool { return present(l.PendingInterval) }),
}

// endingStates are about subscriptions that end, or change, by themselves.
var endingStates = []State{
	choose("ending", "It ends with the period that is paid. Left alone it ends without another charge; moved, the customer is charged again: once, or until somebody ends it.", func(l *looked) []Choice {
		if !l.ending() || l.cutOver() {
			return nil
		}
		return []Choice{skip(), ended("charge one more period, and end after it"), move("go on without an end")}
	}),
	choose("cancel_at", "It ends on a later date, and the format has no end date: moved, it goes on until somebody ends it.", func(l *looked) []Choice {
		if l.ending() || l.CancelAt == 0 || l.cutOver() {
			return nil
		}
		choices := []Choice{skip(), move("go on; you end it yourself on " + time.Unix(l.CancelAt, 0).UTC().Format("2 Jan 2006"))}
		if l.nextEnd() == l.CancelAt {
			choices = append(choices, ended("end after one more period, which is that date"))
		}
		return choices
	}),
	decide("scheduled", "A subscription schedule manages it, and may change it later. Those changes would be lost.",
		"move it as it is now, and release its schedule in the source account before the cutover, which cannot stop it otherwise", func(l *looked) bool { return !l.Schedule.empty() }),
	decide("month_end", "It renews on one of the last days of the month, and this period ends on the last day of a shorter one: moved now, it would renew on that earlier day for ever.",
		"renew on the earlier day", func(l *looked) bool {
			end, anchor, r := time.Unix(l.end, 0).UTC(), time.Unix(l.Anchor, 0).UTC(), l.cycle()
			return l.Anchor > 0 && anchor.Day() > 28 && end.Day() < anchor.Day() && end.AddDate(0, 0, 1).Day() == 1 && r != nil && strings.Contains("month year", r.Interval)
		}),
}

// cutoverMark is the key of the metadata by which a cutover marks what it has stopped; an undo removes it.
const cutoverMark = "subferry_cutover"

func (l *looked) cutOver() bool { return l.Metadata[cutoverMark] != "" }

func (l *looked) over() bool {
	return l.Status == "canceled" || l.Status == "incomplete_expired" || l.Status == "ended" || l.EndedAt > 0
}

func (l *looked) ending() bool { return l.CancelAtPeriodEnd || l.CancelAt > 0 && l.CancelAt <= l.end }

func ended(means string) Choice {
	return Choice{Word: "move_and_end", Means: means, apply: func(r *csvspec.Row) { r.CancelAtPeriodEnd = true }}
}

// cycle returns how often it renews, nil when that is not known.
func (l *looked) cycle() *recurring {
	if len(l.Items.Data) == 0 {
		return nil
	}
	return l.Items.Data[0].Price.Recurring
}

// nextEnd returns when the period after this one ends, 0 when that is not clear.
func (l *looked) nextEnd() int64 {
	r := l.cycle()
	if r == nil {
		return 0
	}
	end, n := time.Unix(l.end, 0).UTC(), int(r.Count)
	switch r.Interval {
	case "day":
		return end.AddDate(0, 0, n).Unix()
	case "week":
		return end.AddDate(0, 0, 7*n).Unix()
	case "year":
		n *= 12
	}
	return addMonths(end, n).Unix()
}

// addMonths adds months; a day that the month does not have is its last one.
func addMonths(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

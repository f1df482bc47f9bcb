package object

// DraftFor is how many seconds an invoice stays a draft.
const DraftFor = 60 * 60

// incompleteFor is how many seconds a first payment may be outstanding.
const incompleteFor = 23 * 60 * 60

// Open tells whether a schedule can still be canceled or released.
func (s *Schedule) Open() bool { return s.Status == ScheduleNotStarted || s.Status == ScheduleActive }

// Due is when a schedule starts or its phase ends, in Unix seconds; 0 is never, also of nil.
func (s *Schedule) Due() int64 {
	switch {
	case s == nil:
		return 0
	case s.Status == ScheduleNotStarted:
		return s.Phases[0].StartDate
	case s.Status == ScheduleActive:
		return s.CurrentPhase.EndDate
	}
	return 0
}

// Ended tells whether a subscription is over for good.
func (s *Subscription) Ended() bool {
	return s.Status == SubscriptionCanceled || s.Status == SubscriptionIncompleteExpired
}

// Due is when a subscription renews, ends or expires, in Unix seconds; 0 is never, also of nil.
func (s *Subscription) Due() int64 {
	switch {
	case s == nil || s.Ended():
		return 0
	case s.Status == SubscriptionIncomplete:
		return s.Created + incompleteFor
	case s.CancelAt != 0:
		return min(int64(s.CancelAt), s.CurrentPeriodEnd)
	}
	return s.CurrentPeriodEnd
}

// Due is when a draft is finalized, in Unix seconds; 0 is never, also of nil.
func (i *Invoice) Due() int64 {
	if i == nil || i.Status != InvoiceDraft || !i.AutoAdvance {
		return 0
	}
	return i.Created + DraftFor
}

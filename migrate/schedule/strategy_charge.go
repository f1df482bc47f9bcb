package schedule

// chargeAtStart is the plain row, and the safest one: it starts on the next renewal date.
var chargeAtStart = strategySpec{
	strategy:    ChargeAtStart,
	description: "Charged in full on the start date, then every period.",
	fits:        func(t timing) bool { return t.freeUntil() == 0 && t.anchor == 0 && !t.cancel },
	apply:       chargeFromStart,
}

// chargeFromStart ends the phase after one period and leaves the subscription to renew by itself.
func chargeFromStart(_ timing, s *Schedule) {
	s.Phase.Iterations = 1
	s.EndBehavior = EndRelease
}

// dueForRenewal is the guide's "due for renewal": the anchor names a date on which the cycle bills anyway, so that
// there is nothing to add to the plain schedule. Where month ends make the two cycles part ways later, package
// validate warns.
var dueForRenewal = strategySpec{
	strategy:    DueForRenewal,
	description: "Charged in full on the start date, then every period; the billing anchor agrees with that and adds nothing.",
	fits:        func(t timing) bool { return t.freeUntil() == 0 && t.anchor != 0 && !t.cancel },
	apply:       chargeFromStart,
}

// onePeriod is a subscription that is to end with its first, paid period.
var onePeriod = strategySpec{
	strategy:    OnePeriod,
	description: "Charged once on the start date; the subscription ends one period later.",
	fits:        func(t timing) bool { return t.freeUntil() == 0 && t.cancel },
	apply: func(_ timing, s *Schedule) {
		s.Phase.Iterations = 1
		s.EndBehavior = EndCancel
	},
}

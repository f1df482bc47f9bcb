package schedule

// trial is a trial that ends inside the first period: the beginning of the phase is free, and at its end Stripe charges
// a full period and moves the billing anchor there.
var trial = strategySpec{
	strategy:    Trial,
	description: "In trial and free until the trial ends, charged in full on that day, then renewed from it.",
	fits:        func(t timing) bool { return t.trial != 0 && t.freeUntil() == t.trial && !t.cancel },
	apply: func(t timing, s *Schedule) {
		s.Phase.TrialEnd = t.freeUntil()
		s.Phase.Iterations = 1
		s.EndBehavior = EndRelease
	},
}

// trialBridge reaches a billing anchor inside the first period by way of a trial, because a schedule cannot be
// given an anchor date. It fits only when nothing is to be charged for the time until the anchor.
//
// The anchor may also be the end of the first period, when a trial that ends earlier is extended to it.
//
// A paid first phase followed by one with a new anchor would charge a full period at the start and credit it
// later: that is never done.
var trialBridge = strategySpec{
	strategy: TrialBridge,
	description: "Charged nothing until the billing anchor, in full on that day, then every period from it; " +
		"until then the status is trialing, there is an invoice over 0 on the start date, and Stripe may send its trial-ending e-mail.",
	fits: func(t timing) bool { return t.bridges() && !t.cancel },
	apply: func(t timing, s *Schedule) {
		s.Phase.TrialEnd = t.freeUntil()
		s.Phase.Iterations = 1
		s.EndBehavior = EndRelease
		if t.freeUntil() == t.periodEnd {
			// A trial must end before its phase does, and here it takes all of the first period. It makes no
			// difference to the customer when the schedule releases the subscription.
			s.Phase.Iterations = 2
		}
	},
}

// freeUntilAnchor is a subscription whose period is paid elsewhere and that is to end with it.
var freeUntilAnchor = strategySpec{
	strategy:    FreeUntilAnchor,
	description: "Never charged; the subscription ends on the billing anchor.",
	fits:        func(t timing) bool { return t.bridges() && t.cancel },
	apply:       freeThenEnd,
}

// freeThenEnd makes the whole phase a trial and ends the subscription with it.
func freeThenEnd(t timing, s *Schedule) {
	s.Phase.Trial = true
	s.Phase.EndDate = t.freeUntil()
	s.EndBehavior = EndCancel
}

// freeUntilTrialEnd is a trial that the customer has already canceled.
var freeUntilTrialEnd = strategySpec{
	strategy:    FreeUntilTrialEnd,
	description: "Never charged; the subscription ends with its trial.",
	fits:        func(t timing) bool { return t.trial != 0 && t.freeUntil() == t.trial && t.cancel },
	apply:       freeThenEnd,
}

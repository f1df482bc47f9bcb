package migrate

// trialBridge reaches a billing anchor inside the first period by way of a trial, because a schedule cannot be
// given an anchor date. It fits only when nothing is to be charged for the time until the anchor.
//
// The anchor may also be the end of the first period, when a trial that ends earlier is extended to it.
//
// A paid first phase followed by one with a new anchor would charge a full period at the start and credit it
// later: that is never done.
var trialBridge = recipe{
	strategy: TrialBridge,
	description: "Charged nothing until the billing anchor, in full on that day, then every period from it; " +
		"until then the status is trialing, there is an invoice over 0 on the start date, and Stripe may send its trial-ending e-mail.",
	fits: func(t timing) bool { return t.bridges() && !t.cancel },
	shape: func(t timing, s *Schedule) {
		freeThenCharge(t, s)
		if t.freeUntil() == t.periodEnd {
			// A trial must end before its phase does, and here it takes all of the first period. It makes no
			// difference to the customer when the schedule lets go of the subscription.
			s.Phase.Iterations = 2
		}
	},
}

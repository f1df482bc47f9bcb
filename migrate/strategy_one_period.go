package migrate

// onePeriod is a subscription that is to end with its first, paid period.
var onePeriod = recipe{
	strategy:    OnePeriod,
	description: "Charged once on the start date; the subscription ends one period later.",
	fits:        func(t timing) bool { return t.freeUntil() == 0 && t.cancel },
	shape: func(_ timing, s *Schedule) {
		s.Phase.Iterations = 1
		s.EndBehavior = EndCancel
	},
}

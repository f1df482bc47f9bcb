package migrate

// freeUntilAnchor is a subscription whose period is paid elsewhere and that is to end with it.
var freeUntilAnchor = recipe{
	strategy:    FreeUntilAnchor,
	description: "Never charged; the subscription ends on the billing anchor.",
	fits:        func(t timing) bool { return t.bridges() && t.cancel },
	shape:       freeThenEnd,
}

// freeThenEnd makes the whole phase a trial and ends the subscription with it.
func freeThenEnd(t timing, s *Schedule) {
	s.Phase.Trial = true
	s.Phase.EndDate = t.freeUntil()
	s.EndBehavior = EndCancel
}

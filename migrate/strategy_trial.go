package migrate

// trial is a trial that ends inside the first period. Stripe then moves the billing anchor to the end of the trial.
var trial = recipe{
	strategy:    Trial,
	description: "In trial and free until the trial ends, charged in full on that day, then renewed from it.",
	fits:        func(t timing) bool { return t.trial != 0 && t.freeUntil() == t.trial && !t.cancel },
	shape:       freeThenCharge,
}

// freeThenCharge makes the beginning of the phase a trial, at whose end Stripe charges a full period and anchors
// the cycle.
func freeThenCharge(t timing, s *Schedule) {
	s.Phase.TrialEnd = t.freeUntil()
	s.Phase.Iterations = 1
	s.EndBehavior = EndRelease
}

package migrate

// chargeAtStart is the plain row, and the safest one: it starts on the next renewal date.
var chargeAtStart = recipe{
	strategy:    ChargeAtStart,
	description: "Charged in full on the start date, then every period.",
	fits:        func(t timing) bool { return t.freeUntil() == 0 && t.anchor == 0 && !t.cancel },
	shape:       chargeFromStart,
}

// chargeFromStart ends the phase after one period and leaves the subscription to renew by itself.
func chargeFromStart(_ timing, s *Schedule) {
	s.Phase.Iterations = 1
	s.EndBehavior = EndRelease
}

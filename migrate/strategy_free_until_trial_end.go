package migrate

// freeUntilTrialEnd is a trial that the customer has already canceled.
var freeUntilTrialEnd = recipe{
	strategy:    FreeUntilTrialEnd,
	description: "Never charged; the subscription ends with its trial.",
	fits:        func(t timing) bool { return t.trial != 0 && t.freeUntil() == t.trial && t.cancel },
	shape:       freeThenEnd,
}

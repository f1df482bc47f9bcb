package migrate

// dueForRenewal is the guide's "due for renewal": the anchor names a date on which the cycle bills anyway, so that
// there is nothing to add to the plain schedule. Where month ends make the two cycles part ways later, package
// validate warns.
var dueForRenewal = recipe{
	strategy:    DueForRenewal,
	description: "Charged in full on the start date, then every period; the billing anchor agrees with that and adds nothing.",
	fits:        func(t timing) bool { return t.freeUntil() == 0 && t.anchor != 0 && !t.cancel },
	shape:       chargeFromStart,
}

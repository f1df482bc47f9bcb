package schedule

import "slices"

// Strategy names how a row becomes a schedule or a direct subscription. Reviews, reports and canaries speak of rows by their
// strategy.
//
// A backdate_start_date is not a strategy of its own: it changes no charge and goes with every strategy, see
// Planned.OriginalStart.
type Strategy string

// The strategies. S is start_date, N is S plus one billing period.
const (
	ChargeAtStart     Strategy = "charge-at-start"      // no anchor, no trial
	DueForRenewal     Strategy = "due-for-renewal"      // the anchor is S or N and adds nothing
	Trial             Strategy = "trial"                // free until trial_end
	TrialBridge       Strategy = "trial-bridge"         // free until an anchor inside the first period
	OnePeriod         Strategy = "one-period"           // charged at S, ends at N
	FreeUntilAnchor   Strategy = "free-until-anchor"    // ends at the anchor without a charge
	FreeUntilTrialEnd Strategy = "free-until-trial-end" // ends with the trial without a charge

	DirectAnchored  Strategy = "direct-anchored"  // a direct subscription: free until an anchor inside the first period
	DirectProrated  Strategy = "direct-prorated"  // charged at S for the part until the anchor
	DirectEnding    Strategy = "direct-ending"    // ends at the anchor without a charge
	DirectBackdated Strategy = "direct-backdated" // charged at S, with a start date of its own in the past
)

// Strategies returns all strategies, in the order of their table in the documentation, those of direct subscriptions
// last.
func Strategies() []Strategy {
	names := make([]Strategy, 0, len(strategySpecs)+len(directSpecs))
	for _, r := range strategySpecs {
		names = append(names, r.strategy)
	}
	for _, r := range directSpecs {
		names = append(names, r.strategy)
	}
	return names
}

// IsDirect tells whether rows of the strategy become direct subscriptions.
func (s Strategy) IsDirect() bool {
	return slices.ContainsFunc(directSpecs[:], func(r directSpec) bool { return r.strategy == s })
}

// Description says in one sentence what the customer sees, or "" for a strategy that does not exist.
func (s Strategy) Description() string {
	for _, r := range strategySpecs {
		if r.strategy == s {
			return r.description
		}
	}
	for _, r := range directSpecs {
		if r.strategy == s {
			return r.description
		}
	}
	return ""
}

// strategySpec is one strategy: the dates that it fits, and what it makes of them in the schedule. For dates that
// refuseTiming lets pass, exactly one fits.
type strategySpec struct {
	strategy    Strategy
	description string
	fits        func(timing) bool
	apply       func(timing, *Schedule)
}

// strategySpecs is the table that picks a strategy. It never changes.
var strategySpecs = [...]strategySpec{
	chargeAtStart,
	trial,
	dueForRenewal,
	trialBridge,
	onePeriod,
	freeUntilAnchor,
	freeUntilTrialEnd,
}

package validate

// codePlaceholder is the code of the rule that takes the place of any other about the same cell: the checks of IDs
// report such words, and Report gives them this code.
const codePlaceholder = "cell_placeholder"

func ruleCellPlaceholder() Rule {
	return Rule{
		Code:     codePlaceholder,
		Severity: Error,
		Title:    "A cell holds a word for nothing, or the error of a formula",
		Why:      "Programs write null, nan or N/A for a value they do not have, people TBD, spreadsheets #REF! for one they have lost. Stripe would take the word for the value.",
		Fix:      "Clear the cell if it is to be blank; otherwise fill in the value that is missing.",
		Bad:      "customer,start_date,price,coupon\ncus_Ada,1801440000,price_Pro,null\n",
		Good:     "customer,start_date,price,coupon\ncus_Ada,1801440000,price_Pro,\n",
		Source:   "toolkit guide, columns: blank means not stated",
	}
}

const placeholderMessage = "this stands for a missing value or an error; a value or a blank cell was expected."

// asPlaceholder turns a finding about a cell that holds such a word into one of this rule; the word is the mistake,
// whatever else is wrong with it.
func (c *Check) asPlaceholder(f *Finding) {
	if f.ColumnNumber == 0 || f.Code == codePlaceholder || !isPlaceholder(f.Value) || f.Column == "proration_behavior" {
		return
	}
	for i := range c.v.rules {
		if r := &c.v.rules[i]; r.Code == codePlaceholder {
			f.Code, f.Severity, f.Message, f.Fix, f.Suggestion, f.Mend, f.Deferred = r.Code, r.Severity, placeholderMessage, r.Fix, "", "", false
		}
	}
}

package validate

func ruleAlreadyScheduled() Rule {
	return Rule{
		Code:     "already_scheduled",
		Severity: Error,
		Title:    "The subscription of a row is scheduled already",
		Why:      "A migration of this or another file has created a schedule for the same subscription. Scheduled again, the customer is charged twice. Only the ledger of migrations and the account know it: validate --online and run look there.",
		Fix:      "Delete the row, or leave out all such rows with --skip-scheduled.",
		Bad:      "a row whose subscription an earlier migration has scheduled",
		Good:     "a row whose subscription no migration has scheduled",
		Source:   "no row is ever scheduled twice",
	}
}

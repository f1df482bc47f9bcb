package billing

// Charging is what a currency asks of an amount that is to be collected.
type Charging struct {
	Multiple int64 // what is due is rounded to a multiple of it; 1 for most currencies
	Minimum  int64 // less than this is not collected; 0 when no minimum is known
}

// Due is what remains to be collected of an invoice's total when it is finalized, and the customer's balance
// afterwards. A negative balance is the customer's credit, which is used up; a positive one is owed, and collected with
// the total. Nothing is lost: due and ending are together what total and balance were. What rounding takes away is owed
// later, what it adds is credit, and what is too little to collect is owed later.
func (c Charging) Due(total, balance int64) (due, ending int64) {
	owed := total + balance
	if owed <= 0 {
		return 0, owed
	}
	due = owed
	if c.Multiple > 1 {
		due = MulDiv(owed, 1, c.Multiple) * c.Multiple
	}
	if due < c.Minimum {
		due = 0
	}
	return due, owed - due
}

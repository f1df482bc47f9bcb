package validate

// Rule is one thing that can be wrong, with everything there is to say about it.
type Rule struct {
	Code     string // stable: start_date_too_soon
	Severity Severity
	Title    string // a constant summary, for lists
	Why      string // what would happen if nobody said anything
	Fix      string // what to do
	Bad      string // an example that breaks the rule
	Good     string // the same, mended
	Source   string // where the rule is stated
}

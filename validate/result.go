package validate

import "time"

// Report is what validating a file comes to. A file may be uploaded when Invalid is 0 and no finding about the file
// itself is an error: see OK.
type Report struct {
	File       string     `json:"file"`
	SHA256     string     `json:"sha256"`   // of the bytes of the file; blank with Options.Unhashed
	Template   string     `json:"template"` // basic, multi-item or ad-hoc
	Rows       int        `json:"rows"`     // Valid + Invalid + Deferred
	Valid      int        `json:"valid"`    // rows that can be uploaded now
	Invalid    int        `json:"invalid"`  // rows that must be mended
	Deferred   int        `json:"deferred"` // rows that are right but start too soon
	Customers  int        `json:"customers"`
	FirstStart *time.Time `json:"first_start"` // the earliest start of a valid row, in UTC; nil without one
	Findings   Findings   `json:"findings"`
	Waiting    []string   `json:"waiting,omitempty"` // codes of rules that wait for the account, wholly or for some rows
}

// OK tells whether nothing has to be mended: no row is invalid, and nothing is wrong with the file as a whole. Deferred
// rows do not count; but when there is nothing else, there is nothing to upload either, and OK is false.
func (r *Report) OK() bool {
	if r.Invalid > 0 || r.Valid == 0 {
		return false
	}
	for _, f := range r.Findings {
		if f.Severity == Error && !f.Deferred { // also one that shows a row as an example: warnings about the file that are taken for errors
			return false
		}
	}
	return true
}

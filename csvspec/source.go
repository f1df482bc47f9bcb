package csvspec

// Cell is one cell as it stands in the file.
type Cell struct {
	Text   string // the text without its quotes, spaces kept
	Raw    string // the very bytes between the separators, quotes and all
	Line   int    // line of the file where the cell begins, from 1; lines inside quoted cells count
	Byte   int    // byte within that line where the cell begins, from 1
	Offset int64  // byte of the file where the cell begins, from 0
}

// Source is where a row stands in its file.
type Source struct {
	Row    int     // data row, from 1; the header is not counted
	Line   int     // line where the record begins
	Header *Header // shared by all rows of the file
	Cells  []Cell  // as many as the record has, which a ragged row makes more or fewer than the header
	Bad    []BadCell
}

// BadCell is a cell that could not be read as its column's type. The typed field of the row is left blank.
type BadCell struct {
	Index   int // of the cell, and of its column in the header
	Problem Problem
}

// Problem is why a cell could not be read.
type Problem uint8

// The problems. What to say of them is package validate's business.
const (
	ProblemNone             Problem = iota
	ProblemNotInteger               // a whole number was expected
	ProblemNotTimestamp             // Unix seconds were expected
	ProblemNotBoolean               // true or false was expected, in any case
	ProblemNotAmount                // an amount was expected
	ProblemMinorHasDecimals         // an amount with a decimal point while the unit is minor
	ProblemTooManyDecimals          // more decimals than the amount's currency has
	ProblemNoCurrency               // an amount in major units whose currency is blank or unknown
	ProblemOutOfRange               // a number that does not fit in 64 bits
)

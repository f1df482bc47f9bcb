package validate

import (
	"slices"
	"strings"

	"github.com/subferry/subferry/csvspec"
)

func ruleHeaderMissing() Rule {
	return Rule{
		Code:     "header_missing",
		Severity: Error,
		Title:    "The first line is not a header of this format",
		Why:      "The first line names the columns. Without a single known name nothing in the file can be understood.",
		Fix:      "Delete what stands above the header, or put a header above the rows; `migrate template basic` prints one. If this is an export of another system, its columns have to be renamed.",
		Bad:      "Migration February,,\ncustomer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "toolkit guide, templates",
		Header: func(h *HeaderCheck) {
			if len(h.Header.Columns) > 0 && h.foreign() && !h.Header.IsStripeExport() {
				other := otherFormat(h.Header.Columns[0].Raw)
				if slices.ContainsFunc(h.Header.Columns, func(c csvspec.Column) bool { return idKind(strings.TrimSpace(c.Raw)) != "" }) {
					other.message += " The first line looks like a row, not like a header."
				}
				h.Report(-1, Finding{Message: "none of the names in this line is a column of the format." + other.message, Fix: other.fix})
			}
		},
	}
}

// otherwise is what a first line is if it is no header.
type otherwise struct{ message, fix string }

// otherFormat returns what a file is whose first line begins with the text; the zero value when that cannot be told.
func otherFormat(text string) otherwise {
	text = strings.TrimSpace(text)
	known := 0
	for _, word := range strings.Fields(text) {
		if c := csvspec.ParseColumn(word); c.Known() {
			known++
		}
	}
	switch {
	case noTable(text) && text[0] != '<':
		return otherwise{" The file looks like JSON; CSV was expected.", "Export the data as CSV. `migrate template basic` prints a file to begin with."}
	case noTable(text):
		return otherwise{" The file looks like a web page; CSV was expected.", "Open the file in a browser to see what it says, often that you have to sign in, and export it again."}
	case strings.HasPrefix(text, "#"), strings.HasPrefix(text, "//"):
		return otherwise{" It looks like a remark.", "Delete the line: the first line names the columns, and the format has no remarks."}
	case strings.Count(text, "|") >= 2:
		return otherwise{" The cells seem to be separated by |; commas were expected.", "Export the file with commas between the cells, without lines of dashes and without a line that counts the rows."}
	case known >= 2:
		return otherwise{" The cells seem to be separated by spaces; commas were expected.", "Export the file with commas between the cells."}
	}
	return otherwise{}
}

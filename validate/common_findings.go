package validate

import (
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

// reportMixed reports the first cell that does not go with the rest of the row, and how many more do not: one mistake,
// wherever it is mended.
func (c *Check) reportMixed(f Finding, others int) {
	if others > 0 {
		f.Message += " The same holds for " + words.Count(others, "further cell") + " of the row."
	}
	if f.Column != "" {
		c.Report(f)
	}
}

// part is one of the cells that an item needs.
type part struct {
	field csvspec.Field
	there bool
}

// incomplete reports the missing parts of an item in one finding, at the first of them. Parts that could not be
// read are not missing, and an item of which nothing is there is not used.
func (c *Check) incomplete(item int, what string, parts ...part) {
	var missing []string
	used := false
	for _, p := range parts {
		used = used || p.there
		if !p.there && !c.lost(p.field, item) {
			missing = append(missing, p.field.Name(item))
		}
	}
	if len(missing) > 0 && (used || what == "ad-hoc item" && c.Row.AdhocItems[item].Quantity.Set) {
		verb := " is"
		if len(missing) > 1 {
			verb = " are"
		}
		c.Report(Finding{Column: missing[0], Message: c.words("%s %d is incomplete: %s missing.", what, item, wordList(missing, "and")+verb)})
	}
}

// wordList writes a, b or c.
func wordList(list []string, conjunction string) string {
	last := len(list) - 1
	if last == 0 {
		return list[0]
	}
	return strings.Join(list[:last], ", ") + " " + conjunction + " " + list[last]
}

// wholeAmount is the finding about an amount whose decimals are only how a program writes a whole number.
func wholeAmount(name, whole string) Finding {
	return Finding{
		Column: name, Message: "this is a whole number with decimals, as pandas writes a column with blanks; a whole number of minor units (cents) was expected.",
		Fix: "Write the amount without its decimals.", Suggestion: whole, Mend: MendFix,
	}
}

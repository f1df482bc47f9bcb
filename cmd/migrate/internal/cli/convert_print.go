package cli

import (
	"slices"
	"strings"

	"github.com/subferry/subferry/validate/convert"
)

// shownLeft is how many rows of a class are listed as text.
const shownLeft = 10

// printResult says what became of the export, and the next command.
func (c *conversion) printResult(r convert.Result) error {
	if !c.textMode() {
		r.Unused = orEmpty(r.Unused)
		return c.printJSON(struct {
			Out string `json:"out"`
			convert.Result
			List []convert.Left `json:"list"`
		}{c.flags.out.file, r, append([]convert.Left{}, c.left...)})
	}
	list := c.print
	if c.flags.out.file == "-" {
		list = func(text string, args ...any) { c.say(strings.TrimSuffix(text, "\n"), args...) }
	}
	list("%s of %s converted, %d left out\n", plural(r.Converted, "row"), plural(r.Rows, "row"), r.Left)
	c.listLeft(func(text string, args ...any) { list(text+"\n", args...) })
	if len(r.Unused) > 0 {
		list("not carried over, because the format has no such columns: %s\n", strings.Join(r.Unused, ", "))
	}
	if c.flags.out.file != "-" {
		c.say("Written to %s. Next: %s", c.flags.out.file, c.commandLine(stateFlag{}, "validate", fileWord(c.flags.out.file)))
	}
	return nil
}

// listLeft lists the rows that were not converted, by class.
func (c *conversion) listLeft(line func(text string, args ...any)) {
	for _, class := range classesOf(c.left) {
		of := slices.DeleteFunc(slices.Clone(c.left), func(l convert.Left) bool { return l.Class != class })
		line("%s %s:", plural(len(of), "row"), classWords(class))
		for i, l := range of {
			if i == shownLeft {
				line("  … and %d more; --rest FILE lists all of them", len(of)-shownLeft)
				break
			}
			line("  line %d: %s of %s: %s", l.Line, l.ID, l.Customer, l.Reason)
		}
	}
}

// classesOf returns the classes of rows in the order in which they first appear.
func classesOf(left []convert.Left) []convert.Class {
	var list []convert.Class
	for _, l := range left {
		if !slices.Contains(list, l.Class) {
			list = append(list, l.Class)
		}
	}
	return list
}

// classWords says what rows of a class have in common.
func classWords(c convert.Class) string {
	return map[convert.Class]string{
		convert.Ended:   "of subscriptions that are over",
		convert.Ending:  "of subscriptions that end by themselves",
		convert.Waiting: "that wait for your decision",
		convert.Several: "of subscriptions with several prices",
		convert.Passed:  "whose period has ended since the export",
		convert.Unclear: "that cannot be converted",
	}[c]
}

package validate

import (
	"fmt"
	"strings"
)

// Reference returns the rules as a page of Markdown. The page RULES.md beside this package is written by it.
func Reference(rules []Rule) string {
	var b strings.Builder
	b.WriteString("# The rules\n\nWritten from the rules themselves; do not edit. `migrate rules CODE` shows one of them.\nExamples are validated as of 2027-01-01.\n\n")
	b.WriteString("| code | severity | what is wrong |\n| --- | --- | --- |\n")
	for _, r := range rules {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s |\n", r.Code, r.Code, r.kind(), r.Title)
	}
	for _, r := range rules {
		b.WriteString("\n" + r.Describe())
	}
	return b.String()
}

// Describe returns everything there is to say about the rule, as Markdown.
func (r Rule) Describe() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n%s (%s).\n\n", r.Code, r.Title, r.kind())
	fmt.Fprintf(&b, "**Why:** %s\n\n**What to do:** %s\n\n", r.Why, r.Fix)
	describeExample(&b, "Wrong", r.Bad)
	describeExample(&b, "Right", r.Good)
	if r.Source != "" {
		fmt.Fprintf(&b, "Source: %s.\n", r.Source)
	}
	return b.String()
}

// kind is the severity, or what rules that hold a row back are called.
func (r Rule) kind() string {
	switch {
	case r.Defers:
		return "deferred"
	case r.Severity == "":
		return string(Error)
	}
	return string(r.Severity)
}

// longExample is how much of an example is shown.
const longExample = 400

// describeExample writes a file as a block, and words as words.
func describeExample(b *strings.Builder, name, example string) {
	if !strings.Contains(example, "\n") && example != "" {
		fmt.Fprintf(b, "%s: %s.\n\n", name, example)
		return
	}
	if example == "" {
		fmt.Fprintf(b, "%s: an empty file.\n\n", name)
		return
	}
	text := strings.ToValidUTF8(example, "\\xNN")
	text = strings.NewReplacer("\x00", "\\0", "\r", "\\r", "\uFEFF", "(byte order mark)").Replace(text)
	if len(text) > longExample {
		text = text[:longExample] + "…\n"
	}
	fmt.Fprintf(b, "%s:\n\n```csv\n%s\n```\n\n", name, strings.TrimRight(text, "\n"))
}

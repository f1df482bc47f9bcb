package cli

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/validate"
	judge "github.com/subferry/subferry/validate/usage"
)

// allRules returns the rules of files of subscriptions, and behind them those of files of usage alone.
func allRules() []validate.Rule {
	all := validate.Rules()
	for _, r := range judge.Rules() {
		if strings.HasPrefix(r.Code, "usage_") { // the others are about the text of any file
			all = append(all, r)
		}
	}
	return all
}

// rulesCommand explains what validation looks for.
func (a *app) rulesCommand() *cobra.Command {
	var codes []cobra.Completion
	for _, r := range allRules() {
		codes = append(codes, cobra.CompletionWithDesc(r.Code, r.Title))
	}
	cmd := &cobra.Command{
		Use:     "rules [CODE]",
		Short:   "List the rules that files are judged by, or explain one",
		Long:    "Lists the rules of migrate validate and of migrate usage validate. With a code, as findings carry it, explains that rule: why, what to do, a wrong and a right example.",
		Example: "  migrate rules\n  migrate rules column_unknown",
		Args:    cobra.MaximumNArgs(1), ValidArgs: codes,
		RunE: a.asRunE(func(_ context.Context, args []string) error {
			if len(args) == 1 {
				return a.rule(args[0])
			}
			return a.rules()
		}),
	}
	a.outputFlag(cmd, formatText, formatJSON)
	return cmd
}

// ruleEntry is a rule as JSON mode shows it.
type ruleEntry struct {
	Code     string            `json:"code"`
	Severity validate.Severity `json:"severity"`
	Deferred bool              `json:"deferred"` // the row is held back, and not wrong
	Title    string            `json:"title"`
	Why      string            `json:"why"`
	Fix      string            `json:"fix"`
	Bad      string            `json:"bad"`
	Good     string            `json:"good"`
	Source   string            `json:"source"`
}

func entryOf(r validate.Rule) ruleEntry {
	return ruleEntry{r.Code, r.Severity, r.Defers, r.Title, r.Why, r.Fix, r.Bad, r.Good, r.Source}
}

// rules lists the rules.
func (a *app) rules() error {
	all := allRules()
	if !a.textMode() {
		entries := make([]ruleEntry, len(all))
		for i, r := range all {
			entries[i] = entryOf(r)
		}
		return a.printJSON(entries)
	}
	t := tabwriter.NewWriter(a.stdout(), 0, 0, 2, ' ', 0)
	for _, r := range all {
		fmt.Fprintf(t, "%s\t%s\t%s\n", r.Code, r.Severity, r.Title)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	a.say("To have one of these %d explained: %s", len(all), a.commandLine(stateFlag{}, "rules", "CODE"))
	return nil
}

// rule explains one rule.
func (a *app) rule(code string) error {
	var codes []string
	for _, r := range allRules() {
		codes = append(codes, r.Code)
		switch {
		case r.Code != code:
		case a.textMode():
			a.print("%s", plain(r.Describe()))
			return nil
		default:
			return a.printJSON(entryOf(r))
		}
	}
	text := fmt.Sprintf("there is no rule %q", code)
	if near := nearest(code, codes); len(near) > 0 {
		text += "; is " + strings.Join(near, " or ") + " meant?"
	}
	return &withSuggestions{&usageError{text}, []suggestion{{"list them", a.commandLine(stateFlag{}, "rules")}}}
}

// plain writes the Markdown of a rule for a terminal.
func plain(markdown string) string {
	var out strings.Builder
	example := false
	for line := range strings.Lines(markdown) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "```"):
			example = !example
			continue
		case example:
			line = "    " + line
		default:
			line = folded(strings.ReplaceAll(strings.TrimPrefix(line, "## "), "**", ""), "  ")
		}
		out.WriteString(line + "\n")
	}
	return out.String()
}

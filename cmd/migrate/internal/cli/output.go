package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/validate/report"
)

// format is a form of output. A new one is also listed in outOrForm.Set, so that it is not taken for the name of a file.
type format string

const (
	formatText format = "text"
	formatJSON format = "json"
	formatCSV  format = "csv"

	formatNDJSON format = "ndjson"
	formatSARIF  format = "sarif"
	formatHTML   format = "html"
	formatXLSX   format = "xlsx"
)

// outputFlag adds -o with the forms that the command knows.
func (a *app) outputFlag(cmd *cobra.Command, forms ...format) {
	names := make([]string, len(forms))
	for i, f := range forms {
		names[i] = string(f)
	}
	v := &enumFlag{names: names, set: func(name string) { a.output = format(name) }, current: func() string { return string(a.output) }}
	cmd.Flags().VarP(v, "output", "o", "form of the output")
	complete(cmd, "output", names)
}

// outFlag adds --out, which names a file in every command that has it; -o is the form of the output.
func outFlag(cmd *cobra.Command, file *string, help string) {
	cmd.Flags().StringVar(file, "out", "", help)
}

// complete offers words to the shell.
func complete(cmd *cobra.Command, flag string, words []string) {
	// The only error is a flag that does not exist, or completed twice: the test of all commands would show it.
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

// enumFlag is a flag with a few possible values.
type enumFlag struct {
	names   []string
	set     func(string)
	current func() string
}

func (c *enumFlag) String() string {
	if c.current == nil {
		return ""
	}
	return c.current()
}

func (c *enumFlag) Type() string { return strings.Join(c.names, "|") }

// Set implements pflag.Value.
func (c *enumFlag) Set(name string) error {
	if !slices.Contains(c.names, name) {
		return fmt.Errorf("expected one of %s", strings.Join(c.names, ", "))
	}
	c.set(name)
	return nil
}

// printJSON writes a value as one indented JSON text.
func (a *app) printJSON(v any) error {
	e := json.NewEncoder(a.env.Stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// textOptions says how findings are shown; as a flag, a limit of 0 means all.
func (a *app) textOptions(limit int, commands report.Commands) report.TextOptions {
	if limit == 0 {
		limit = -1
	}
	return report.TextOptions{Limit: limit, Colour: a.colours(a.env.Tty.Stdout), Commands: commands}
}

// asksForJSON tells whether a command line that was not understood as a whole asks for JSON.
func asksForJSON(args []string) bool {
	line := " " + strings.Join(args, " ") + " "
	for _, flag := range [...]string{"-o json", "-o=json", "-ojson", "--output json", "--output=json"} {
		if strings.Contains(line, " "+flag+" ") {
			return true
		}
	}
	return false
}

package cli

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/validate"
)

// oneArgument checks the arguments of a command that takes one. What names it as the command's help does.
func oneArgument(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return &usageError{fmt.Sprintf("which %s? %s", what, cmd.UseLine())}
		case len(args) > 1 && directMode(cmd, args) != "":
			mode := directMode(cmd, args)
			return &usageError{fmt.Sprintf("%s takes one %s, and %q is taken for one more: the mode of --direct follows an equals sign, --direct=%s", cmd.CommandPath(), what, mode, mode)}
		case len(args) > 1:
			return &usageError{fmt.Sprintf("%s takes one %s, and %q is one more; a name with spaces stands in quotes", cmd.CommandPath(), what, args[1])}
		}
		return nil
	}
}

// directMode returns the argument that looks like the mode of --direct, which was given without one; "" when there is none.
func directMode(cmd *cobra.Command, args []string) string {
	if flag := cmd.Flags().Lookup("direct"); flag != nil && flag.Changed {
		for _, word := range args {
			if _, err := validate.ParseDirect(word); err == nil {
				return word
			}
		}
	}
	return ""
}

// noArguments checks the arguments of a command that takes none.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return &usageError{fmt.Sprintf("%s takes only flags, and %q is none", cmd.CommandPath(), args[0])}
	}
	return nil
}

// onlySubcommands checks the arguments of a command that does nothing but group others: an argument is an unknown
// command.
func (a *app) onlySubcommands(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	text := fmt.Sprintf("unknown command %q", args[0])
	if near := nearest(args[0], names); len(near) > 0 {
		text += "; is " + strings.Join(near, " or ") + " meant?"
	} else if _, err := os.Stat(args[0]); err == nil {
		return &withSuggestions{&usageError{text}, []suggestion{{"see what is wrong with that file", a.commandLine(stateFlag{}, "validate", fileWord(args[0]))}}}
	}
	return &usageError{text}
}

// nearest returns the names that resemble name. Cobra measures that for commands only, so the names are made commands.
func nearest(name string, among []string) []string {
	all := cobra.Command{SuggestionsMinimumDistance: 2}
	for _, n := range among {
		all.AddCommand(&cobra.Command{Use: n, Run: func(*cobra.Command, []string) {}})
	}
	return all.SuggestionsFor(name)
}

// helpCommand shows the help of a command.
func (a *app) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND]", Short: "Show the help of a command",
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err == nil {
				err = a.onlySubcommands(about, rest)
			}
			if err != nil {
				return err
			}
			a.started = true
			return about.Help()
		},
	}
}

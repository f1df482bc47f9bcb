package cli

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// outFlags say where a file goes that a command makes of another one, and in which form the command tells about it.
type outFlags struct {
	file string
	old  string // the file as it was named before there was --out: behind -o
}

// add adds --out, and -o for the form. A file name behind -o still names the file.
func (f *outFlags) add(a *app, cmd *cobra.Command, help string) {
	outFlag(cmd, &f.file, help+" (must not exist yet; - is standard output)")
	cmd.Flags().VarP(&outOrForm{a, f}, "output", "o", "form of what is said about it: text or json (a file name is taken for --out)")
	complete(cmd, "output", []string{string(formatText), string(formatJSON)})
}

// check makes sure that it is known where the file goes, once.
func (f *outFlags) check(a *app, what string) error {
	if f.old != "" && f.file != "" && f.old != f.file {
		return &usageError{"the file is named twice, behind -o and behind --out: name it once, with --out"}
	}
	if f.file == "" {
		f.file = f.old
	}
	switch {
	case f.file == "":
		return &usageError{"say where " + what + " goes: --out OUT, or --out - for standard output"}
	case f.file == "-" && !a.textMode():
		return &usageError{"-o json and the file cannot both go to standard output: name a file with --out"}
	}
	return nil
}

// outOrForm is a form of output, or the name of a file.
type outOrForm struct {
	app *app
	out *outFlags
}

// String implements pflag.Value.
func (o *outOrForm) String() string {
	if o.app == nil {
		return ""
	}
	return string(o.app.output)
}

// Type implements pflag.Value.
func (o *outOrForm) Type() string { return "text|json" }

// Set implements pflag.Value. A form that other commands have is not taken for a file.
func (o *outOrForm) Set(text string) error {
	other := []format{formatCSV, formatHTML, formatNDJSON, formatSARIF, formatXLSX}
	switch {
	case text == string(formatText), text == string(formatJSON):
		o.app.output = format(text)
	case text == "", slices.Contains(other, format(strings.ToLower(text))):
		return errors.New("expected text or json; --out names the file")
	default:
		o.out.old = text
	}
	return nil
}

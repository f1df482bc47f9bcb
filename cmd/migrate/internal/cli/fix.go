package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/validate/mend"
)

// fixFlags are the flags of migrate fix.
type fixFlags struct{ out, dates, sheet string }

// fixCommand mends what has one meaning.
func (a *app) fixCommand() *cobra.Command {
	var f fixFlags
	cmd := &cobra.Command{
		Use:   "fix FILE -o OUT",
		Short: "Mend what can be mended safely, into a new file",
		Long: `Writes the file again with what has one meaning only put right: spaces, encoding, separator, names of columns,
TRUE and FALSE, dates that say exactly when, the case of currencies. Amounts and IDs are never touched. Each
change is listed with before and after. Fixing a fixed file changes nothing.

Dates without a time zone are left alone, unless --dates says in which zone they are meant. OUT must not exist
yet; - writes to standard output.`,
		Example: `  migrate fix subs.csv -o mended.csv
  migrate fix --dates Europe/Berlin subs.csv -o mended.csv
  migrate fix book.xlsx --sheet Subscriptions -o subs.csv`,
		Args: one("FILE"),
		RunE: a.does(func(ctx context.Context, args []string) error { return a.fix(ctx, args[0], f) }),
	}
	flags := cmd.Flags()
	flags.StringVarP(&f.out, "output", "o", "", "write the mended file to `OUT`")
	flags.StringVar(&f.dates, "dates", "", "the time `ZONE` in which dates without one are meant, such as Europe/Berlin")
	flags.StringVar(&f.sheet, "sheet", "", "read the worksheet `NAME` of an Excel workbook (default: the first visible one)")
	return cmd
}

func (a *app) fix(ctx context.Context, path string, f fixFlags) error {
	if f.out == "" {
		return &usageError{"say where the mended file goes: -o OUT, or -o - for standard output"}
	}
	options := mend.Options{Sheet: f.sheet}
	if f.dates != "" {
		zone, err := time.LoadLocation(f.dates)
		if err != nil {
			return &usageError{fmt.Sprintf("--dates %s: there is no such time zone; expected one like Europe/Berlin or America/New_York", f.dates)}
		}
		options.Zone = zone
	}
	in, _, err := a.input(path, false)
	if err != nil {
		return err
	}
	ctx, release := a.abortable(ctx)
	defer release()
	return joined(a.mended(ctx, in, f.out, options), in.Close())
}

// mended writes the mended file and lists the changes: to standard output, unless the file goes there.
func (a *app) mended(ctx context.Context, in io.Reader, out string, options mend.Options) error {
	if out == "-" {
		n, err := a.mendAll(ctx, in, a.stdout(), a.env.Stderr, options)
		a.say("%s.", plural(n, "change"))
		return err
	}
	file, err := os.OpenFile(out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists already, and nothing is overwritten: name another file", out)
	}
	if err != nil {
		return err
	}
	n, err := a.mendAll(ctx, in, file, a.stdout(), options)
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(out))
	}
	a.say("%s, written to %s. Next: migrate validate %s", plural(n, "change"), out, quote(out))
	return nil
}

// mendAll mends a file and lists what it changes.
func (a *app) mendAll(ctx context.Context, in io.Reader, out, list io.Writer, options mend.Options) (n int, err error) {
	result, err := mend.File(ctx, in, out, options, func(c mend.Change) error {
		n++
		_, err := fmt.Fprintln(list, changeLine(c))
		return err
	})
	if err == nil && result.Unzoned > 0 {
		a.say("Left alone: %s without a time zone; --dates Europe/Berlin, or another zone, says where they are meant.", plural(result.Unzoned, "date"))
	}
	return n, err
}

// changeLine says what was changed, where, from what to what.
func changeLine(c mend.Change) string {
	where := "file"
	switch {
	case c.Cell != "":
		where = c.Cell
	case c.Line > 0 && c.ColumnNumber > 0:
		where = fmt.Sprintf("line %d, column %d", c.Line, c.ColumnNumber)
	case c.Line > 0:
		where = fmt.Sprintf("line %d", c.Line)
	}
	if c.Column != "" {
		where += " (" + c.Column + ")"
	}
	return fmt.Sprintf("%s: %s: %q -> %q", where, c.Kind, c.Before, c.After)
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/xlsx"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/convert"
	"github.com/subferry/subferry/validate/dates"
	"github.com/subferry/subferry/validate/mend"
)

// fixFlags are the flags of migrate fix.
type fixFlags struct {
	out   outFlags
	dates zoneFlag
	order orderFlag
	file  fileFlags
}

// fixCommand mends what has one meaning.
func (a *app) fixCommand() *cobra.Command {
	var f fixFlags
	cmd := &cobra.Command{
		Use:   "fix FILE --out OUT",
		Short: "Mend what can be mended safely, into a new file",
		Long: `Writes the file again with what has one meaning only put right: spaces, encoding, separator, names of columns,
TRUE and FALSE, 1.0 where a whole number belongs, dates that say exactly when, the case of currencies. What an
amount is, and IDs, are never touched. Each change is listed with before and after, and what was left alone is
counted with the reason. Fixing a fixed file changes nothing.

Dates without a time zone are left alone, unless --dates says in which zone they are meant; so are date cells of
a workbook, which have none. Dates that have two readings, such as 01/02/2027, wait for --date-order. OUT must
not exist yet; - writes to standard output.`,
		Example: `  migrate fix subs.csv --out mended.csv
  migrate fix --dates Europe/Berlin subs.csv --out mended.csv
  migrate fix --dates America/New_York --date-order mdy subs.csv --out mended.csv
  migrate fix book.xlsx --sheet Subscriptions --out subs.csv`,
		Args: oneArgument("FILE"),
		RunE: a.asRunE(func(ctx context.Context, args []string) error { return a.fix(ctx, args[0], f) }),
	}
	f.out.add(a, cmd, "write the mended file to `OUT`")
	cmd.Flags().Var(&f.dates, "dates", "the time `ZONE` in which dates without one are meant, such as Europe/Berlin")
	f.order.add(cmd)
	f.file.addUnit(cmd)
	f.file.addSheet(cmd)
	return cmd
}

func (a *app) fix(ctx context.Context, path string, f fixFlags) error {
	if err := f.out.check(a, "the mended file"); err != nil {
		return err
	}
	options := mend.Options{Sheet: f.file.sheet, Unit: f.file.unit, Zone: f.dates.zone, Order: f.order.order}
	in, name, err := a.input(path, false)
	if err != nil {
		return err
	}
	ctx, release := a.abortable(ctx)
	defer release()
	err = joined(ofFile(name, a.mended(ctx, in, f.out.file, options)), in.Close())
	if errors.Is(err, mend.ErrStripeExport) && regular(path) {
		err = fmt.Errorf("%w. Next: %s", err, a.mendCommands(mendTarget{path, readingWords(csvspec.UnitUnstated, nil, f.file.sheet)})(validate.MendConvert))
	}
	return err
}

// ofFile puts the name of a file in front of an error that says what the file is.
func ofFile(name string, err error) error {
	if as[*csvspec.ForeignError](err) || as[*xlsx.SheetError](err) || errors.Is(err, convert.ErrNoExport) || errors.Is(err, convert.ErrNoID) {
		return fmt.Errorf("%s: %w", name, err)
	}
	return err
}

// mended writes the mended file and lists the changes: to standard output, unless the file goes there.
func (a *app) mended(ctx context.Context, in io.Reader, out string, options mend.Options) error {
	if out == "-" {
		n, _, err := a.mendAll(ctx, in, a.stdout(), &changeLines{w: a.env.Stderr}, options)
		a.say("%s.", plural(n, "change"))
		return err
	}
	file, err := createNew(out)
	if err != nil {
		return err
	}
	var list changeList = &changeLines{w: a.stdout()}
	if !a.textMode() {
		list = &changeJSON{w: a.stdout(), out: out}
	}
	n, left, err := a.mendAll(ctx, in, file, list, options)
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(out))
	}
	if err := list.end(n, left); err != nil {
		return err
	}
	words := append([]string{"validate", fileWord(out)}, readingWords(options.Unit, nil, "")...)
	a.say("%s, written to %s. Next: %s", plural(n, "change"), out, a.commandLine(stateFlag{}, words...))
	return nil
}

// createNew creates a file that must not exist yet.
func createNew(out string) (*os.File, error) {
	file, err := os.OpenFile(out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%s exists already, and nothing is overwritten: name another file", out)
	}
	return file, err
}

// mendAll mends a file, lists what it changes, and says what it has left alone.
func (a *app) mendAll(ctx context.Context, in io.Reader, out io.Writer, list changeList, options mend.Options) (n int, left mend.Result, err error) {
	left, err = mend.File(ctx, in, out, options, func(c mend.Change) error {
		n++
		return list.add(c)
	})
	if err == nil {
		for _, sentence := range left.Sentences() {
			a.say("Left alone: %s.", sentence)
		}
	}
	return n, left, err
}

// orderFlag is the order of the numbers of a date.
type orderFlag struct{ order dates.Order }

func (o *orderFlag) add(cmd *cobra.Command) {
	names := dates.OrderNames()
	set := func(name string) { o.order, _ = dates.ParseOrder(name) }
	cmd.Flags().Var(&enumFlag{names: names, set: set, current: func() string { return o.order.String() }}, "date-order",
		"the order of day, month and year in dates that have two readings: mdy reads 01/02/2027 as 2 January")
	complete(cmd, "date-order", names)
}

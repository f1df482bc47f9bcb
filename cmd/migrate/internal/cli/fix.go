package cli

import (
	"bytes"
	"context"
	"encoding/json"
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

// fixCommand corrects what has one meaning only.
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

// fix writes the mended file and lists the changes: to standard output, unless the file goes there.
func (a *app) fix(ctx context.Context, path string, f fixFlags) error {
	if err := f.out.check(a, "the mended file"); err != nil {
		return err
	}
	in, name, err := a.input(path, false)
	if err != nil {
		return err
	}
	ctx, release := a.abortable(ctx)
	defer release()
	out, end := a.stdout(), func(err error) error { return err }
	var list changeList = &changeLines{w: a.stdout()}
	switch {
	case f.out.file == "-":
		list = &changeLines{w: a.env.Stderr}
	case !a.textMode():
		list = &changeJSON{w: a.stdout(), out: f.out.file}
	}
	if f.out.file != "-" {
		if out, end, err = createNew(f.out.file); err != nil {
			return joined(err, in.Close())
		}
	}
	n := 0
	left, err := mend.File(ctx, in, out, mend.Options{Sheet: f.file.sheet, Unit: f.file.unit, Zone: f.dates.zone, Order: f.order.order}, func(c mend.Change) error {
		n++
		return list.add(c)
	})
	if err == nil {
		for _, sentence := range left.Sentences() {
			a.say("Left alone: %s.", sentence)
		}
	}
	err = joined(ofFile(name, end(err)), in.Close())
	if errors.Is(err, mend.ErrStripeExport) && regular(path) {
		err = fmt.Errorf("%w. Next: %s", err, a.mendCommands(mendTarget{path, readingWords(csvspec.UnitUnstated, nil, f.file.sheet)})(validate.MendConvert))
	}
	if err != nil {
		return err
	}
	if f.out.file == "-" {
		a.say("%s.", plural(n, "change"))
		return nil
	}
	if err := list.end(n, left); err != nil {
		return err
	}
	words := append([]string{"validate", fileWord(f.out.file)}, readingWords(f.file.unit, nil, "")...)
	a.say("%s, written to %s. Next: %s", plural(n, "change"), f.out.file, a.commandLine(stateFlag{}, words...))
	return nil
}

// ofFile puts the name of a file in front of an error that says what kind of file it is.
func ofFile(name string, err error) error {
	if as[*csvspec.ForeignError](err) || as[*xlsx.SheetError](err) || errors.Is(err, convert.ErrNoExport) || errors.Is(err, convert.ErrNoID) {
		return fmt.Errorf("%s: %w", name, err)
	}
	return err
}

// createNew creates a file that must not exist yet. end closes it, and removes it when writing it has failed.
func createNew(out string) (file io.Writer, end func(failure error) error, err error) {
	f, err := os.OpenFile(out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		err = fmt.Errorf("%s exists already, and nothing is overwritten: name another file", out)
	}
	if err != nil {
		return nil, nil, err
	}
	return f, func(failure error) error {
		if err := errors.Join(failure, f.Close()); err != nil {
			return errors.Join(err, os.Remove(out))
		}
		return nil
	}, nil
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

// changeList lists changes as they are made.
type changeList interface {
	add(mend.Change) error
	end(n int, left mend.Result) error
}

// changeLines lists changes for people, one a line.
type changeLines struct{ w io.Writer }

// add says what was changed, where, from what to what.
func (l *changeLines) add(c mend.Change) error {
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
	_, err := fmt.Fprintf(l.w, "%s: %s: %q -> %q\n", where, c.Kind, c.Before, c.After)
	return err
}

func (l *changeLines) end(int, mend.Result) error { return nil }

// changeJSON lists changes as one JSON object, which is written while they are made.
type changeJSON struct {
	w     io.Writer
	out   string
	begun bool
}

func (l *changeJSON) begin() error {
	if l.begun {
		return nil
	}
	l.begun = true
	name, err := inLine(l.out)
	if err == nil {
		_, err = fmt.Fprintf(l.w, "{\n  \"out\": %s,\n  \"list\": [", name)
	}
	return err
}

func (l *changeJSON) add(c mend.Change) error {
	separator := ","
	if !l.begun {
		separator = ""
	}
	if err := l.begin(); err != nil {
		return err
	}
	line, err := inLine(c)
	if err == nil {
		_, err = fmt.Fprintf(l.w, "%s\n    %s", separator, line)
	}
	return err
}

func (l *changeJSON) end(n int, left mend.Result) error {
	if err := l.begin(); err != nil {
		return err
	}
	close := "],"
	if n > 0 {
		close = "\n  ],"
	}
	alone, err := inLine(left)
	if err == nil {
		_, err = fmt.Fprintf(l.w, "%s\n  \"changes\": %d,\n  \"left_alone\": %s\n}\n", close, n, alone)
	}
	return err
}

// inLine writes a value as JSON in one line, and leaves <, > and & as they are.
func inLine(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimRight(b.Bytes(), "\n"), err
}

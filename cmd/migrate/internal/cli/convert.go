package cli

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate/convert"
	"github.com/subferry/subferry/validate/dates"
)

// convertFlags are the flags of migrate convert.
type convertFlags struct {
	out           outFlags
	rest, mapping string
	customers     string
	include       []string
	dates         zoneFlag
	order         orderFlag
	file          fileFlags
	now           timeFlag
}

// convertCommand makes a file of the format from Stripe's own export.
func (a *app) convertCommand() *cobra.Command {
	var f convertFlags
	cmd := &cobra.Command{
		Use:   "convert EXPORT --out OUT",
		Short: "Make a template of Stripe's own export of subscriptions",
		Long: `Reads the export of subscriptions that Stripe's Dashboard writes (id, Customer ID, Plan, Status, Current Period
End (UTC) …) and writes a file of the basic template: each subscription starts when what is paid ends, keeps the day
on which it began (backdate_start_date, proration none), and carries its old ID (metadata.old_Stripe_sub_id).

Nothing is guessed. The IDs of the destination account come from a map file with the columns kind,source,destination
(kind is price, coupon, tax_rate or product); without it, or while lines are missing, those to be filled in are written
to standard output, and migrate map propose suggests them. Subscriptions that are canceled or about to end are left out, and so are rows that cannot be
converted; each is listed with the reason, and --rest keeps their cells. OUT must not exist yet; - writes to standard
output.`,
		Example: `  migrate convert export.csv --out subs.csv > prices.csv          the map, to be filled in
  migrate convert export.csv --map prices.csv --out subs.csv
  migrate convert export.csv --map prices.csv --include past_due --rest left.csv --out subs.csv`,
		Args: oneArgument("EXPORT"),
		RunE: a.asRunE(func(ctx context.Context, args []string) error { return a.convert(ctx, args[0], f) }),
	}
	f.out.add(a, cmd, "write the template to `OUT`")
	flags := cmd.Flags()
	flags.StringVar(&f.mapping, "map", "", "take the destination account's IDs from `FILE`: CSV with the columns kind,source,destination")
	flags.StringVar(&f.customers, "customers", "", customersUsage)
	statuses := convert.Includable()
	flags.StringArrayVar(&f.include, "include", nil, "also convert subscriptions of `STATUS`: "+strings.Join(statuses, ", ")+" (repeatable)")
	complete(cmd, "include", statuses)
	flags.StringVar(&f.rest, "rest", "", "write the rows that were not converted to `FILE`, cells as they are, with the reason (must not exist yet)")
	flags.Var(&f.dates, "dates", "the time `ZONE` of dates whose column does not say (UTC), such as Europe/Berlin")
	f.order.add(cmd)
	f.file.addSheet(cmd)
	f.now.add(cmd, "judge as if it were this time, RFC 3339 or Unix seconds")
	return cmd
}

func (a *app) convert(ctx context.Context, path string, f convertFlags) error {
	if err := f.out.check(a, "the template"); err != nil {
		return err
	}
	for _, s := range f.include {
		if !slices.Contains(convert.Includable(), s) {
			return &usageError{fmt.Sprintf("--include %s: expected one of %s; canceled subscriptions are never converted", s, strings.Join(convert.Includable(), ", "))}
		}
	}
	options := convert.Options{Now: a.clock(f.now).Now(), Zone: f.dates.zone, Order: f.order.order, Include: f.include, Sheet: f.file.sheet}
	var err error
	if options.Map, err = readMap(f.mapping); err != nil {
		return err
	}
	if options.Customers, err = readCustomers(f.customers); err != nil {
		return err
	}
	in, name, err := a.input(path, true)
	if err != nil {
		return err
	}
	ctx, release := a.abortable(ctx)
	defer release()
	source, ok := in.(io.ReadSeeker)
	if !ok {
		return joined(fmt.Errorf("%s cannot be read twice: save it to a file first", name), in.Close())
	}
	c := &conversion{app: a, flags: f, path: path, in: source, options: options}
	return joined(c.run(ctx), in.Close())
}

// customersUsage is the usage of --customers, which several commands have.
const customersUsage = "take what was copied to the destination account from `FILE`: the CSV of Stripe's copy, with customer_id_old,source_id_old,customer_id_new,source_id_new"

// readMap reads the map file; no name is an empty map.
func readMap(path string) (convert.Map, error) {
	if path == "" {
		return convert.Map{}, nil
	}
	return readSmall(path, convert.ReadMap)
}

// readCustomers reads the file of a copy; no name is none.
func readCustomers(path string) (convert.Customers, error) {
	if path == "" {
		return convert.Customers{}, nil
	}
	return readSmall(path, convert.ReadCustomers)
}

// readSmall reads a file that is filled in by hand or comes with a copy; what is wrong in it names the file.
func readSmall[T any](path string, read func(io.Reader) (T, error)) (what T, err error) {
	if err := readable(path); err != nil {
		return what, err
	}
	f, err := os.Open(path)
	if err != nil {
		return what, unreadable(path, err)
	}
	if what, err = read(f); err != nil {
		err = &invalidFile{path + ": " + err.Error()}
	}
	return what, joined(err, f.Close())
}

// conversion is one conversion of an export.
type conversion struct {
	*app
	flags   convertFlags
	path    string
	in      io.ReadSeeker
	options convert.Options
	left    []convert.Left
}

// run converts the export into a new file, which is removed when that fails.
func (c *conversion) run(ctx context.Context) error {
	if c.flags.rest != "" && exists(c.flags.rest) {
		return fmt.Errorf("%s exists already, and nothing is overwritten: name another file", c.flags.rest)
	}
	out, end, err := io.Writer(c.stdout()), func(err error) error { return err }, error(nil)
	if c.flags.out.file != "-" {
		if out, end, err = createNew(c.flags.out.file); err != nil {
			return err
		}
	}
	result, err := convert.File(ctx, c.in, out, c.options, func(l convert.Left) error {
		if c.flags.rest == "" {
			l.Cells = nil // only the file of --rest has them
		}
		c.left = append(c.left, l)
		return nil
	})
	if err == nil {
		err = c.writeRest(result.Columns)
	}
	if err == nil && result.Converted == 0 {
		err = &invalidFile{c.path + ": no row of the export can be converted"}
		c.listLeft(c.say)
	}
	if err = end(err); err != nil {
		return ofFile(c.path, c.explainMissing(err))
	}
	return c.printResult(result)
}

// explainMissing says what has to be stated, and how, when that is what is missing.
func (c *conversion) explainMissing(err error) error {
	var needs *convert.NeedsError
	if !errors.As(err, &needs) {
		return err
	}
	words := []string{"convert", fileWord(c.path)}
	if len(needs.Missing) > 0 {
		if c.textMode() {
			if err := needs.WriteMissing(c.stdout()); err != nil {
				return err
			}
		}
		file := c.flags.mapping
		if file == "" {
			file = "prices.csv"
			c.say("Save these lines as %s, with the destination account's IDs in the last column.", file)
		} else {
			c.say("Add these lines to %s, with the destination account's IDs in the last column.", file)
		}
		words = append(words, "--map", file)
	} else if c.flags.mapping != "" {
		words = append(words, "--map", c.flags.mapping)
	}
	if c.flags.customers != "" {
		words = append(words, "--customers", c.flags.customers)
	}
	if zone := c.flags.dates.String(); zone != "" {
		words = append(words, "--dates", zone)
	} else if needs.Zone {
		words = append(words, "--dates", yourZone)
	}
	if c.flags.order.order != dates.OrderUnstated {
		words = append(words, "--date-order", c.flags.order.order.String())
	} else if needs.Order {
		words = append(words, "--date-order", yourOrder)
	}
	for _, s := range c.flags.include {
		words = append(words, "--include", s)
	}
	words = append(words, readingWords(csvspec.UnitUnstated, nil, c.flags.file.sheet, schedule.Never)...)
	if c.flags.rest != "" {
		words = append(words, "--rest", c.flags.rest)
	}
	words = append(words, "--out", c.flags.out.file)
	c.say("Next: %s", c.commandLine(stateFlag{}, words...))
	return err
}

// writeRest writes the rows that were not converted: why, and all of their cells as they were read.
func (c *conversion) writeRest(columns []string) error {
	if c.flags.rest == "" {
		return nil
	}
	file, end, err := createNew(c.flags.rest)
	if err != nil {
		return err
	}
	out := csv.NewWriter(file)
	// The columns that are added come first: a row may have more cells than the header has columns.
	err = out.Write(append([]string{"line", "class", "reason"}, columns...))
	for _, l := range c.left {
		err = errors.Join(err, out.Write(append([]string{strconv.Itoa(l.Line), string(l.Class), l.Reason}, l.Cells...)))
	}
	out.Flush()
	return end(errors.Join(err, out.Error()))
}

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
	var classes []convert.Class // in the order in which they first appear
	for _, l := range c.left {
		if !slices.Contains(classes, l.Class) {
			classes = append(classes, l.Class)
		}
	}
	words := map[convert.Class]string{
		convert.Ended:     "of subscriptions that are over",
		convert.Ending:    "of subscriptions that end by themselves",
		convert.Waiting:   "that wait for your decision",
		convert.Several:   "of subscriptions with several prices",
		convert.Passed:    "whose period has ended since the export",
		convert.NotCopied: "whose customer is not in the destination account",
		convert.Unclear:   "that cannot be converted",
	}
	for _, class := range classes {
		of := slices.DeleteFunc(slices.Clone(c.left), func(l convert.Left) bool { return l.Class != class })
		line("%s %s:", plural(len(of), "row"), words[class])
		for i, l := range of {
			if i == shownLeft {
				line("  … and %d more; --rest FILE lists all of them", len(of)-shownLeft)
				break
			}
			line("  line %d: %s of %s: %s", l.Line, l.ID, l.Customer, l.Reason)
		}
	}
}

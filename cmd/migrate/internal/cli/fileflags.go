package cli

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
)

// fileFlags say how a file is to be read and judged.
type fileFlags struct {
	unit   csvspec.Unit
	allow  []string
	sheet  string
	margin time.Duration
}

func (f *fileFlags) add(cmd *cobra.Command) {
	f.addUnit(cmd)
	cmd.Flags().StringArrayVar(&f.allow, "allow-column", nil, "leave out the unknown column `NAME`, on purpose (repeatable)")
	f.addSheet(cmd)
	cmd.Flags().DurationVar(&f.margin, "margin", validate.DefaultMargin, "hold back rows that start within `DURATION` after the earliest start that Stripe accepts")
}

// addUnit adds the flag of commands that look at amounts.
func (f *fileFlags) addUnit(cmd *cobra.Command) {
	units := []string{csvspec.UnitMinor.String(), csvspec.UnitMajor.String()}
	cmd.Flags().Var(&enumFlag{names: units, set: f.setUnit, current: f.unitName}, "amount-unit",
		"how the file states amounts: minor (1999 is 19.99 USD) or major (19.99 is 19.99 USD)")
	complete(cmd, "amount-unit", units)
}

// addSheet adds the flag of commands that read workbooks.
func (f *fileFlags) addSheet(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.sheet, "sheet", "", "read the worksheet `NAME` of an Excel workbook (default: the one that has a header of the format)")
}

func (f *fileFlags) setUnit(name string) {
	f.unit = csvspec.UnitMinor
	if name == csvspec.UnitMajor.String() {
		f.unit = csvspec.UnitMajor
	}
}

func (f *fileFlags) unitName() string {
	if f.unit == csvspec.UnitUnstated {
		return ""
	}
	return f.unit.String()
}

func (f *fileFlags) check() error {
	if f.margin < 0 {
		return &usageError{"--margin must not be negative"}
	}
	return nil
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/validate"
)

// showAmounts shows one amount of the file as it was understood.
func (w *fileSession) showAmounts(ctx context.Context, r *migrate.Review) {
	if text := w.amountOf(ctx, r); text != "" {
		w.say("  amounts     %s%s", text, unitNote(r.Options.Unit))
	}
}

// searchedRows is how many rows are searched for an amount.
const searchedRows = 1000

// errEnough ends the reading of a file of which enough has been read.
var errEnough = errors.New("enough was read")

// amountOf returns the first amount of a file and how it was understood, or "" when it has none near its beginning.
func (w *fileSession) amountOf(ctx context.Context, r *migrate.Review) (text string) {
	f, err := r.Input.Open()
	if err != nil {
		return ""
	}
	defer f.Close()
	// An error ends the search: the review has shown those of the file already.
	_, _ = validate.Each(ctx, r.Input.Name, f, w.validationOptions(r.Options), func(row *csvspec.Row, _ []validate.Finding) error {
		name, m := firstMoney(row)
		if m.Minor > 0 {
			cell, _ := row.Cell(name)
			text = fmt.Sprintf("%s in line %d is read as %s", strings.TrimSpace(cell.Text), row.Source.Line, m)
		}
		if text != "" || row.Source.Row > searchedRows {
			return errEnough
		}
		return nil
	})
	return text
}

func unitNote(unit csvspec.Unit) string {
	if unit == csvspec.UnitUnstated {
		return ", because no --amount-unit was stated"
	}
	return ", as --amount-unit " + unit.String() + " says"
}

func firstMoney(row *csvspec.Row) (column string, m csvspec.Money) {
	if len(row.AdhocItems) > 0 {
		return csvspec.FieldAdhocAmount.Name(0), row.AdhocItems[0].Money()
	}
	if len(row.AddInvoiceItems) > 0 {
		return csvspec.FieldInvoiceAmount.Name(0), row.AddInvoiceItems[0].Money()
	}
	return "", csvspec.Money{}
}

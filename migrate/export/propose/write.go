package propose

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"github.com/subferry/subferry/validate/convert"
	"github.com/subferry/subferry/validate/report"
)

// Columns are the columns of a proposed map: those of a map, the one in which a person says yes or no, and what that
// rests on.
func Columns() []string {
	return append(convert.MapColumns(), convert.AcceptedColumn, "confidence", "why", "source_is", "destination_is", "candidates")
}

// Write writes a proposed map. The column accepted is blank in every line: convert.ReadMap refuses the file until a
// person has filled it in.
func Write(w io.Writer, all []Proposal) error {
	out := csv.NewWriter(w)
	err := out.Write(Columns())
	for _, p := range all {
		record := []string{string(p.Kind), p.Source, p.Destination, "", string(p.Confidence), p.Why, p.SourceIs, p.DestinationIs, strings.Join(p.Candidates, "; ")}
		for i := 5; i < len(record); i++ { // texts that people have written
			record[i] = report.EscapeFormula(record[i])
		}
		err = errors.Join(err, out.Write(record))
	}
	out.Flush()
	return errors.Join(err, out.Error())
}

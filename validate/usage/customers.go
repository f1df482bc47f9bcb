package usage

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/subferry/subferry/csvspec"
)

// ReadCustomers reads a map of old IDs to new customers: a CSV file with two columns, old and new, whatever they are
// called; the file of a copy of payment data (customer_id_old, customer_id_new); or what migrate report -o csv writes, in
// which the subscription's ID in the old system stands for its customer. A line without a new ID maps nothing. The error
// names the line.
func ReadCustomers(in io.Reader) (map[string]string, error) {
	rows, err := csvspec.NewReader(in, csvspec.ReadOptions{})
	if err != nil {
		return nil, err
	}
	var names []string
	for _, c := range rows.Header().Columns {
		names = append(names, strings.ToLower(csvspec.CleanName(c.Raw)))
	}
	from, to := -1, -1
	for _, pair := range [][2]string{{"customer_id_old", "customer_id_new"}, {"source_id", "customer"}} {
		if f, t := slices.Index(names, pair[0]), slices.Index(names, pair[1]); f >= 0 && t >= 0 {
			from, to = f, t
			break
		}
	}
	if from < 0 {
		if len(names) != 2 {
			return nil, fmt.Errorf("line 1: found the columns %s; expected two, old and new, or customer_id_old and customer_id_new, or those of migrate report -o csv", strings.Join(names, ","))
		}
		from, to = 0, 1
	}
	all := map[string]string{}
	if strings.HasPrefix(names[to], "cus_") && len(names) == 2 { // a file without a header
		src := rows.Header().Source()
		all[text(src, from)] = text(src, to)
	}
	for row, err := range rows.All() {
		if err != nil {
			return nil, err
		}
		src := row.Source
		old, id := strings.Clone(text(src, from)), strings.Clone(text(src, to))
		switch before, twice := all[old]; {
		case src.IsBlank(), old == "" && from != 0, id == "":
		case old == "":
			return nil, fmt.Errorf("line %d: the old ID is blank", src.Line)
		case twice && before != id:
			return nil, fmt.Errorf("line %d: %s stands for %s already, and cannot stand for %s as well", src.Line, old, before, id)
		default:
			all[old] = id
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("the map has no line with an old and a new ID")
	}
	return all, nil
}

package convert

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/internal/csvtext"
)

// Kind is what an ID is of.
type Kind string

// The kinds. The source of a tax rate is the percentage as the export writes it.
const (
	KindPrice   Kind = "price"
	KindCoupon  Kind = "coupon"
	KindTaxRate Kind = "tax_rate"
)

// Map says which ID of the destination account stands for one of the source account.
type Map map[Kind]map[string]string

// Get returns the ID of the destination account, or "" when none is known.
func (m Map) Get(kind Kind, source string) string { return m[kind][source] }

// MapColumns are the columns of a map file.
func MapColumns() []string { return []string{"kind", "source", "destination"} }

// ReadMap reads a map: CSV with the columns kind, source and destination, separated by commas, semicolons or tabs. A
// blank destination is the same as no line. The error names the line.
func ReadMap(r io.Reader) (Map, error) {
	in := bufio.NewReader(r)
	head, _ := in.Peek(csvspec.ForeignHead) // an error comes again with the first read
	if other := csvspec.Foreign(head); other != nil {
		return nil, other
	}
	if bytes.HasPrefix(head, []byte(csvtext.BOM)) {
		_, _ = in.Discard(len(csvtext.BOM)) // it was peeked
	}
	rows := csv.NewReader(in)
	rows.FieldsPerRecord = -1
	first, _, _ := bytes.Cut(head, []byte("\n"))
	for _, sep := range []rune{';', '\t'} {
		if bytes.ContainsRune(first, sep) && !bytes.ContainsRune(first, ',') {
			rows.Comma = sep
			break
		}
	}
	header, err := rows.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	at, err := mapColumns(header)
	if err != nil {
		return nil, err
	}
	m := Map{}
	for {
		cells, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return m, nil
		}
		if err != nil {
			return nil, err
		}
		if strings.TrimSpace(strings.Join(cells, "")) == "" {
			continue
		}
		line, _ := rows.FieldPos(0)
		for len(cells) < len(header) {
			cells = append(cells, "")
		}
		if err := m.add(line, cells[at[0]], cells[at[1]], cells[at[2]]); err != nil {
			return nil, err
		}
	}
}

// mapColumns finds the columns of a map.
func mapColumns(header []string) (at [3]int, err error) {
	for i, want := range MapColumns() {
		at[i] = slices.IndexFunc(header, func(name string) bool { return strings.EqualFold(csvspec.CleanName(name), want) })
		if at[i] < 0 {
			return at, fmt.Errorf("the map has no column %s: its first line must be %s", want, strings.Join(MapColumns(), ","))
		}
	}
	return at, nil
}

// add takes in a line.
func (m Map) add(line int, kind, source, destination string) error {
	k, source, destination := Kind(strings.ToLower(strings.TrimSpace(kind))), strings.TrimSpace(source), strings.TrimSpace(destination)
	switch k {
	case KindPrice, KindCoupon, KindTaxRate:
	default:
		return fmt.Errorf("line %d: the kind %q is not known; price, coupon or tax_rate was expected", line, kind)
	}
	if source == "" {
		return fmt.Errorf("line %d: the source is blank", line)
	}
	if destination == "" {
		return nil
	}
	if had := m[k][source]; had != "" && had != destination {
		return fmt.Errorf("line %d: %s %s stands for %s already, and cannot stand for %s as well", line, k, source, had, destination)
	}
	if m[k] == nil {
		m[k] = map[string]string{}
	}
	m[k][source] = destination
	return nil
}

// needs gathers what has to be stated before an export can be converted.
type needs struct {
	missing     map[Kind]map[string]bool
	list        []Pair
	zone, order bool
}

// Pair is an ID of the source account that needs one of the destination account.
type Pair struct {
	Kind   Kind   `json:"kind"`
	Source string `json:"source"`
}

// mapped notes an ID that the map does not have.
func (n *needs) mapped(m Map, kind Kind, source string) {
	if m.Get(kind, source) != "" || n.missing[kind][source] {
		return
	}
	if n.missing[kind] == nil {
		n.missing[kind] = map[string]bool{}
	}
	n.missing[kind][source] = true
	n.list = append(n.list, Pair{kind, source})
}

func (n *needs) err() error {
	if len(n.list) == 0 && !n.zone && !n.order {
		return nil
	}
	return &NeedsError{Missing: n.list, Zone: n.zone, Order: n.order}
}

// NeedsError tells what has to be stated before an export can be converted.
type NeedsError struct {
	Missing []Pair // that the map has to name
	Zone    bool   // Options.Zone, because a column of dates does not say (UTC)
	Order   bool   // Options.Order, because dates have two readings
}

// Error says what is missing.
func (e *NeedsError) Error() string {
	var all []string
	if n := len(e.Missing); n > 0 {
		first := fmt.Sprintf("%s %s", e.Missing[0].Kind, e.Missing[0].Source)
		if n > 1 {
			first += fmt.Sprintf(" and %d more", n-1)
		}
		all = append(all, "which ID of the destination account stands for "+first+" (--map FILE, with the columns "+strings.Join(MapColumns(), ",")+")")
	}
	if e.Zone {
		all = append(all, "the time zone of its dates (--dates ZONE)")
	}
	if e.Order {
		all = append(all, "the order of day and month in its dates (--date-order dmy, mdy or ymd)")
	}
	return "the export does not say " + strings.Join(all, ", nor ")
}

// WriteMissing writes a map file to be filled in: a line for each ID that is missing, with a blank destination.
func (e *NeedsError) WriteMissing(w io.Writer) error {
	out := csv.NewWriter(w)
	err := out.Write(MapColumns())
	for _, p := range e.Missing {
		err = errors.Join(err, out.Write([]string{string(p.Kind), p.Source, ""}))
	}
	out.Flush()
	return errors.Join(err, out.Error())
}

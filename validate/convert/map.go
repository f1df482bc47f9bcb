package convert

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Kind is what an ID is of.
type Kind string

// The kinds. The source of a tax rate is its ID, or the percentage where the Dashboard's export is converted, which has
// nothing else. Products matter for amounts that a file states itself (adhoc_items.x.product).
const (
	KindPrice   Kind = "price"
	KindCoupon  Kind = "coupon"
	KindTaxRate Kind = "tax_rate"
	KindProduct Kind = "product"
)

// MapKinds returns the kinds that a map may have.
func MapKinds() []Kind { return []Kind{KindPrice, KindCoupon, KindTaxRate, KindProduct} }

// Map says which ID of the destination account stands for one of the source account.
type Map map[Kind]map[string]string

// Get returns the ID of the destination account, or "" when none is known.
func (m Map) Get(kind Kind, source string) string { return m[kind][source] }

// Acknowledged tells whether a person has said that what stands for an ID of the source account is meant to be sold on
// other terms.
func (m Map) Acknowledged(kind Kind, source string) bool { return m[kind.acknowledged()][source] != "" }

// Acknowledge notes that an ID's counterpart is meant to be sold on other terms.
func (m Map) Acknowledge(kind Kind, source string) {
	if m[kind.acknowledged()] == nil {
		m[kind.acknowledged()] = map[string]string{}
	}
	m[kind.acknowledged()][source] = m[kind][source]
}

// acknowledged is under which kind a Map keeps what was acknowledged; no file can name it.
func (k Kind) acknowledged() Kind { return k + ": " + AcceptedTerms }

// MapColumns are the columns of a map file.
func MapColumns() []string { return []string{"kind", "source", "destination"} }

// AcceptedColumn is the column of a proposed map in which a person says yes or no to each line.
const AcceptedColumn = "accepted"

// AcceptedTerms is what a person writes into that column instead of yes when the counterpart is meant to be sold on other
// terms: another amount, interval or discount.
const AcceptedTerms = "different terms"

// UnreviewedError is a proposed map with lines that nobody has accepted or refused.
type UnreviewedError struct{ Lines []int }

// Error says what to do.
func (e *UnreviewedError) Error() string {
	lines := "line " + strconv.Itoa(e.Lines[0])
	for _, n := range e.Lines[1:min(len(e.Lines), 5)] {
		lines += ", " + strconv.Itoa(n)
	}
	if more := len(e.Lines) - 5; more > 0 {
		lines += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Sprintf("%s: nobody has reviewed the proposed destination: compare it with the source, and write yes or no into the column %s", lines, AcceptedColumn)
}

// ReadMap reads a map: CSV or a workbook with the columns kind, source and destination. A
// blank destination is the same as no line. In a file with the column accepted, which is a proposal, a line counts when
// it says yes (or AcceptedTerms), and does not when it says no. The error names the line; it is an *UnreviewedError for lines that say
// neither.
func ReadMap(r io.Reader) (Map, error) {
	t, err := OpenTable(r, "the map", MapColumns()...)
	if err != nil {
		return nil, err
	}
	m, unreviewed := Map{}, []int(nil)
	err = t.Each(func() error {
		destination, word := t.Cell("destination"), strings.ToLower(t.Cell(AcceptedColumn))
		switch {
		case !t.Has(AcceptedColumn):
		case word == AcceptedTerms && destination != "":
			if err := m.add(t.Line, t.Cell("kind"), t.Cell("source"), destination); err != nil {
				return err
			}
			m.Acknowledge(Kind(strings.ToLower(t.Cell("kind"))), t.Cell("source"))
			return nil
		case word == AcceptedTerms || slices.Contains([]string{"yes", "y", "true", "x", "1", "ok"}, word):
			if destination == "" {
				return fmt.Errorf("line %d: it is accepted without a destination: write the destination account's ID, or no", t.Line)
			}
		case slices.Contains([]string{"no", "n", "false", "0"}, word):
			destination = ""
		case word != "":
			return fmt.Errorf("line %d: %q in the column %s: expected yes, no, or %s", t.Line, t.Cell(AcceptedColumn), AcceptedColumn, AcceptedTerms)
		case destination != "":
			unreviewed = append(unreviewed, t.Line)
		}
		return m.add(t.Line, t.Cell("kind"), t.Cell("source"), destination)
	})
	switch {
	case err != nil:
		return nil, err
	case len(unreviewed) > 0:
		return nil, &UnreviewedError{unreviewed}
	}
	return m, nil
}

// add takes in a line.
func (m Map) add(line int, kind, source, destination string) error {
	k := Kind(strings.ToLower(kind))
	switch {
	case !slices.Contains(MapKinds(), k):
		return fmt.Errorf("line %d: the kind %q is not known; price, coupon, tax_rate or product was expected", line, kind)
	case source == "":
		return fmt.Errorf("line %d: the source is blank", line)
	case destination == "":
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

package toolkit

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/convert"
)

// Summary counts what became of an account's subscriptions. Ready, Undecided, Immovable and LeftOut add up to
// Subscriptions.
type Summary struct {
	Subscriptions int           `json:"subscriptions"`
	Ready         int           `json:"ready"`
	Undecided     int           `json:"needs_decision"`
	Immovable     int           `json:"cannot_move"`
	LeftOut       int           `json:"left_out"`
	States        []StateCount  `json:"states"`
	Coupons       []Coupon      `json:"coupons"` // to be created in the destination account
	Templates     TemplateCount `json:"templates"`
	Unused        []string      `json:"unused_decisions"` // decisions about what no subscription is in any more
}

// StateCount is how many subscriptions are in a state. One may be in several.
type StateCount struct {
	State         string  `json:"state"`
	Verdict       Verdict `json:"verdict"`
	Subscriptions int     `json:"subscriptions"`
	Undecided     int     `json:"undecided"`

	Decided  map[string]int `json:"decided,omitempty"` // how many by each word
	Sentence string         `json:"sentence"`
}

// String says how many are in the state, what was decided about them, and what it means.
func (s StateCount) String() string {
	var by []string
	for _, word := range slices.Sorted(maps.Keys(s.Decided)) {
		by = append(by, fmt.Sprintf("%d %s", s.Decided[word], word))
	}
	if len(by) == 0 {
		return fmt.Sprintf("%d %s: %s", s.Subscriptions, s.State, s.Sentence)
	}
	return fmt.Sprintf("%d %s (%s): %s", s.Subscriptions, s.State, strings.Join(by, ", "), s.Sentence)
}

// TemplateCount is how many rows say in which way what is sold.
type TemplateCount struct {
	Basic     int `json:"basic"`
	MultiItem int `json:"multi_item"`
	AdHoc     int `json:"ad_hoc"`
}

// Outputs are the files that are written.
type Outputs struct {
	Rows      io.Writer // the toolkit's file: what is ready
	Decisions io.Writer // what needs a decision, to be filled in
	Left      io.Writer // what cannot move, and what was left out by decision
}

// UnmappedError tells which IDs the map lacks. Nothing was written.
type UnmappedError struct{ Missing []convert.Pair }

// Error names the first of them.
func (e *UnmappedError) Error() string {
	return fmt.Sprintf("the map lacks %d IDs of the destination account, such as that for the %s %s", len(e.Missing), e.Missing[0].Kind, e.Missing[0].Source)
}

// Write judges subscriptions, which each visits as lines of JSON, and writes the files. It visits them twice, and keeps
// none of them. Amounts are in minor units. The error is an *UnmappedError, a *DecisionError, or one of reading or
// writing.
func Write(each func(visit func(line []byte) error) error, opts Options, out Outputs) (Summary, error) {
	t := table{names: map[string]bool{}, missing: map[convert.Pair]bool{}}
	sum := &counts{states: map[string]*StateCount{}, coupons: map[string]Coupon{}, asked: map[string]map[string]bool{"*": {}}}
	err := each(func(line []byte) error {
		c, err := Look(line, opts)
		if err != nil {
			return err
		}
		sum.add(c)
		sum.ask(c, opts.Decisions)
		if c.Verdict == Ready {
			for _, p := range c.needs(opts.Map) {
				t.missing[p] = true
			}
			for _, cell := range cells(&c.Row) {
				t.names[cell.name] = true
			}
		}
		return nil
	})
	if err == nil && len(t.missing) > 0 {
		err = &UnmappedError{slices.SortedFunc(maps.Keys(t.missing), func(a, b convert.Pair) int {
			return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Source, b.Source))
		})}
	}
	if err != nil {
		return Summary{}, err
	}
	rows, decisions, left := csv.NewWriter(out.Rows), csv.NewWriter(out.Decisions), csv.NewWriter(out.Left)
	header := t.header()
	err = errors.Join(rows.Write(header), decisions.Write(decisionColumns()), left.Write([]string{"subscription", "customer", "status", "state", "reason"}))
	if err == nil {
		err = each(func(line []byte) error {
			c, err := Look(line, opts)
			if err != nil {
				return err
			}
			c.needs(opts.Map)
			switch c.Verdict {
			case Ready:
				return rows.Write(record(header, cells(&c.Row)))
			case Undecided:
				return c.ask(decisions)
			}
			return c.leave(left)
		})
	}
	for _, w := range []*csv.Writer{rows, decisions, left} {
		w.Flush()
		err = errors.Join(err, w.Error())
	}
	result := sum.summary()
	result.Unused = append([]string{}, opts.Decisions.unused(sum.asked)...)
	return result, err
}

// ask writes a line for each question of a subscription, with what is decided already.
func (c *Case) ask(w *csv.Writer) error {
	for _, f := range c.Found {
		if f.State.Verdict != Undecided {
			continue
		}
		if err := w.Write([]string{c.ID, c.Customer, c.Status, f.State.Name, f.State.Sentence, f.words(), f.Decision}); err != nil {
			return err
		}
	}
	return nil
}

// leave writes why a subscription stays with the source account.
func (c *Case) leave(w *csv.Writer) (err error) {
	for _, f := range c.Found {
		reason := f.State.Sentence
		if c.Verdict != Immovable {
			if f.Decision != "skip" {
				continue
			}
			reason = "Left out by decision. " + reason
		}
		err = errors.Join(err, w.Write([]string{c.ID, c.Customer, c.Status, f.State.Name, reason}))
	}
	return err
}

// counts sums up cases.
type counts struct {
	sum     Summary
	states  map[string]*StateCount
	coupons map[string]Coupon
	asked   map[string]map[string]bool // states in which subscriptions with decisions are, by their ID and *
}

// ask notes which decisions a subscription has asked for.
func (s *counts) ask(c Case, d Decisions) {
	for _, f := range c.Found {
		s.asked["*"][f.State.Name] = true
		if d[c.ID] != nil {
			if s.asked[c.ID] == nil {
				s.asked[c.ID] = map[string]bool{}
			}
			s.asked[c.ID][f.State.Name] = true
		}
	}
}

func (s *counts) add(c Case) {
	s.sum.Subscriptions++
	*map[Verdict]*int{Ready: &s.sum.Ready, Undecided: &s.sum.Undecided, Immovable: &s.sum.Immovable, LeftOut: &s.sum.LeftOut}[c.Verdict]++
	for _, f := range c.Found {
		n := s.states[f.State.Name]
		if n == nil {
			n = &StateCount{State: f.State.Name, Verdict: f.State.Verdict, Sentence: f.State.Sentence}
			s.states[f.State.Name] = n
		}
		n.Subscriptions++
		if f.State.Verdict == Undecided && f.Decision == "" && c.Verdict == Undecided {
			n.Undecided++
		}
		if f.State.Verdict == Undecided && f.Decision != "" {
			if n.Decided == nil {
				n.Decided = map[string]int{}
			}
			n.Decided[f.Decision]++
		}
	}
	if c.Verdict != Ready {
		return
	}
	for _, one := range c.Coupons {
		s.coupons[one.ID] = one
	}
	switch {
	case len(c.Row.AdhocItems) > 0:
		s.sum.Templates.AdHoc++
	case len(c.Row.Items) > 0:
		s.sum.Templates.MultiItem++
	default:
		s.sum.Templates.Basic++
	}
}

func (s *counts) summary() Summary {
	s.sum.States, s.sum.Coupons = []StateCount{}, []Coupon{}
	for _, state := range States() {
		if n := s.states[state.Name]; n != nil {
			s.sum.States = append(s.sum.States, *n)
		}
	}
	for _, c := range s.coupons {
		s.sum.Coupons = append(s.sum.Coupons, c)
	}
	slices.SortFunc(s.sum.Coupons, func(a, b Coupon) int { return cmp.Compare(a.ID, b.ID) })
	return s.sum
}

// table is what the columns of the file depend on.
type table struct {
	names   map[string]bool
	missing map[convert.Pair]bool
}

// header returns the columns in the order of the format's templates: items by their number, metadata at the end.
func (t *table) header() []string {
	known := csvspec.KnownColumns()
	place := func(name string) [3]int {
		c := csvspec.ParseColumn(name)
		at := slices.Index(known, c.Field.String())
		if c.Field == csvspec.FieldMetadata {
			return [3]int{len(known), 0, 0}
		}
		family, _, items := strings.Cut(c.Field.String(), ".")
		if items {
			first := slices.IndexFunc(known, func(k string) bool { return strings.HasPrefix(k, family+".") })
			return [3]int{first, c.Item, at}
		}
		return [3]int{at, 0, 0}
	}
	names := []string{csvspec.FieldCustomer.Name(0), csvspec.FieldStartDate.Name(0)}
	for name := range t.names {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		pa, pb := place(a), place(b)
		return cmp.Or(slices.Compare(pa[:], pb[:]), cmp.Compare(a, b))
	})
	return names
}

// cell is a cell that is not blank.
type cell struct{ name, text string }

// cells returns the cells of a row.
func cells(r *csvspec.Row) (all []cell) {
	put := func(f csvspec.Field, item int, text string) {
		if text != "" {
			all = append(all, cell{f.Name(item), text})
		}
	}
	moment := func(t csvspec.Timestamp) string {
		if t.IsBlank() {
			return ""
		}
		return strconv.FormatInt(int64(t), 10)
	}
	truth := map[csvspec.Bool]string{true: "true"}
	put(csvspec.FieldCustomer, 0, r.Customer)
	put(csvspec.FieldStartDate, 0, moment(r.StartDate))
	put(csvspec.FieldPrice, 0, r.Price)
	put(csvspec.FieldQuantity, 0, r.Quantity.String())
	for i, one := range r.Items {
		put(csvspec.FieldItemPrice, i, one.Price)
		put(csvspec.FieldItemQuantity, i, one.Quantity.String())
	}
	for i, one := range r.AdhocItems {
		put(csvspec.FieldAdhocAmount, i, one.Amount.String())
		put(csvspec.FieldAdhocProduct, i, one.Product)
		put(csvspec.FieldAdhocInterval, i, one.Interval)
		put(csvspec.FieldAdhocCurrency, i, one.Currency)
		put(csvspec.FieldAdhocQuantity, i, one.Quantity.String())
	}
	put(csvspec.FieldAutomaticTax, 0, truth[r.AutomaticTax])
	put(csvspec.FieldDefaultTaxRate, 0, r.DefaultTaxRate)
	put(csvspec.FieldCoupon, 0, r.Coupon)
	put(csvspec.FieldCurrency, 0, r.Currency)
	put(csvspec.FieldProrationBehavior, 0, r.ProrationBehavior)
	put(csvspec.FieldCollectionMethod, 0, r.CollectionMethod)
	put(csvspec.FieldDaysUntilDue, 0, r.DaysUntilDue.String())
	put(csvspec.FieldBackdateStartDate, 0, moment(r.BackdateStartDate))
	put(csvspec.FieldCancelAtPeriodEnd, 0, truth[r.CancelAtPeriodEnd])
	for _, kv := range r.Metadata {
		all = append(all, cell{csvspec.FieldMetadata.Name(0) + kv.Key, kv.Value})
	}
	return all
}

// record puts cells below their columns.
func record(header []string, all []cell) []string {
	texts := make(map[string]string, len(all))
	for _, c := range all {
		texts[c.name] = c.text
	}
	out := make([]string, len(header))
	for i, name := range header {
		out[i] = texts[name]
	}
	return out
}

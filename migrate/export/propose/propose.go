package propose

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/subferry/subferry/validate/convert"
)

// Confidence is how sure a proposal is.
type Confidence string

// The confidences.
const (
	Sure     Confidence = "sure"     // something names it, and all terms are equal
	Likely   Confidence = "likely"   // all terms are equal, and so are names or metadata
	Possible Confidence = "possible" // all terms are equal, and nothing else speaks for it
	Open     Confidence = "open"     // nothing fits, or several do: a person has to say
)

// Proposal is what is suggested for one object of the source account.
type Proposal struct {
	Kind          convert.Kind `json:"kind"`
	Source        string       `json:"source"`
	Destination   string       `json:"destination"` // "" when Open
	Confidence    Confidence   `json:"confidence"`
	Why           string       `json:"why"`
	SourceIs      string       `json:"source_is"` // in words
	DestinationIs string       `json:"destination_is"`
	Candidates    []string     `json:"candidates"` // of an open one, and of one that was chosen among several
}

// Propose suggests a destination for each object of the source account, in the order of kinds and IDs.
func Propose(source, destination Catalog) ([]Proposal, error) {
	all := []Proposal{}
	names := [2]map[string]string{}
	for i, c := range []Catalog{source, destination} {
		names[i] = map[string]string{}
		for _, raw := range c.Products {
			var h head
			if err := json.Unmarshal(raw, &h); err != nil {
				return nil, fmt.Errorf("%.80s… is no product of Stripe's: %w", raw, err)
			}
			names[i][h.ID] = h.Name
		}
	}
	for _, k := range []struct {
		kind     convert.Kind
		from, to []json.RawMessage
		read     func([]byte, map[string]string) (entry, error)
	}{
		{convert.KindPrice, source.Prices, destination.Prices, readPrice},
		{convert.KindCoupon, source.Coupons, destination.Coupons, readCoupon},
		{convert.KindTaxRate, source.TaxRates, destination.TaxRates, readTaxRate},
		{convert.KindProduct, source.Products, destination.Products, readProduct},
	} {
		sides := [2][]entry{}
		for i, list := range [][]json.RawMessage{k.from, k.to} {
			for _, raw := range list {
				e, err := k.read(raw, names[i])
				if err != nil || e.id == "" {
					return nil, fmt.Errorf("%.80s… is no %s of Stripe's: %w", raw, k.kind, err)
				}
				sides[i] = append(sides[i], e)
			}
			slices.SortFunc(sides[i], func(a, b entry) int { return cmp.Compare(a.id, b.id) })
		}
		some := []Proposal{}
		for _, e := range sides[0] {
			p := e.match(k.kind, sides[1])
			p.Kind, p.Source, p.SourceIs = k.kind, e.id, e.about
			some = append(some, p)
		}
		all = append(all, shared(some)...)
	}
	return all, nil
}

// match finds what stands for an entry among those of the destination account.
func (e entry) match(kind convert.Kind, all []entry) Proposal {
	var named, equal []entry
	reasons, archived := map[string]string{}, ""
	for _, d := range all {
		why := e.namedBy(d)
		switch fits := len(e.differences(d)) == 0; {
		case d.unusable != "" && (why != "" || fits):
			archived = fmt.Sprintf("; %s would fit, but %s", d.id, d.unusable)
		case d.unusable != "":
		case why != "":
			named, reasons[d.id] = append(named, d), why
		case fits && (kind != convert.KindProduct || e.name != ""):
			equal = append(equal, d)
		}
	}
	fitting := slices.DeleteFunc(slices.Clone(named), func(d entry) bool { return kind != convert.KindProduct && len(e.differences(d)) > 0 })
	switch {
	case len(fitting) == 1 && len(named) == 1:
		return chosen(fitting[0], Sure, reasons[fitting[0].id]+e.equalTerms(kind), nil)
	case len(fitting) == 1:
		return chosen(fitting[0], Likely, reasons[fitting[0].id]+"; of those that are named, the only one with equal terms", ids(named))
	case len(named) == 1:
		d := named[0]
		return Proposal{Confidence: Open, Why: reasons[d.id] + ", but terms differ: " + strings.Join(e.differences(d), "; "), Candidates: ids(named)}
	case len(named) > 1:
		return Proposal{Confidence: Open, Why: fmt.Sprintf("%d are named (%s), and terms do not tell them apart", len(named), reasons[named[0].id]), Candidates: ids(named)}
	case len(equal) == 0:
		return Proposal{Confidence: Open, Why: "nothing in the destination account has equal terms: create it there" + archived, Candidates: []string{}}
	}
	for _, narrow := range []struct {
		what string
		same func(entry) bool
	}{
		{"metadata", func(d entry) bool { return len(e.metadata) > 0 && maps.Equal(e.metadata, d.metadata) }},
		{"name", func(d entry) bool { return e.name != "" && strings.EqualFold(e.name, d.name) }},
		{"nickname", func(d entry) bool { return e.nickname != "" && strings.EqualFold(e.nickname, d.nickname) }},
	} {
		some := slices.DeleteFunc(slices.Clone(equal), func(d entry) bool { return !narrow.same(d) })
		switch {
		case len(some) == 1 && len(equal) == 1:
			return chosen(some[0], Likely, "same "+narrow.what+e.equalTerms(kind), nil)
		case len(some) == 1:
			return chosen(some[0], Likely, fmt.Sprintf("of %d with equal terms, the only one with the same %s", len(equal), narrow.what), ids(equal))
		case len(some) > 1:
			equal = some
		}
	}
	if len(equal) > 1 {
		return Proposal{Confidence: Open, Why: fmt.Sprintf("%d in the destination account have equal terms, and names and metadata do not tell them apart", len(equal)), Candidates: ids(equal)}
	}
	return chosen(equal[0], Possible, strings.TrimPrefix(e.equalTerms(kind), ", and ")+"; names and metadata do not say that it is the same", nil)
}

func chosen(d entry, sure Confidence, why string, candidates []string) Proposal {
	return Proposal{Destination: d.id, Confidence: sure, Why: why, DestinationIs: d.about, Candidates: append([]string{}, candidates...)}
}

func ids(all []entry) (some []string) {
	for _, e := range all {
		some = append(some, e.id+" ("+e.about+")")
	}
	return some
}

// namedBy returns in which way the two name each other, "" when they do not.
func (e entry) namedBy(d entry) string {
	for _, key := range slices.Sorted(maps.Keys(d.metadata)) {
		if d.metadata[key] == e.id {
			return "its metadata " + key + " names " + e.id
		}
	}
	for _, key := range slices.Sorted(maps.Keys(e.metadata)) {
		if e.metadata[key] == d.id {
			return "the metadata " + key + " of " + e.id + " names it"
		}
	}
	switch {
	case e.lookup != "" && e.lookup == d.lookup:
		return "same lookup key " + e.lookup
	case e.id == d.id:
		return "same ID"
	}
	return ""
}

// differences returns which terms differ.
func (e entry) differences(d entry) (all []string) {
	theirs := map[string]string{}
	for _, t := range d.terms {
		theirs[t.name] = t.value
	}
	for _, t := range e.terms {
		value, has := theirs[t.name]
		delete(theirs, t.name)
		switch {
		case t.value == unknown || value == unknown:
			all = append(all, "the "+t.name+" could not be compared, because one of the catalogs was read without them")
		case t.value != value || !has:
			all = append(all, fmt.Sprintf("%s is %s here and %s there", t.name, cmp.Or(t.value, "not stated"), cmp.Or(value, "not stated")))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(theirs)) {
		if theirs[name] != "" {
			all = append(all, fmt.Sprintf("%s is not stated here and %s there", name, theirs[name]))
		}
	}
	return all
}

// equalTerms names the terms that are equal.
func (e entry) equalTerms(kind convert.Kind) string {
	if kind == convert.KindProduct {
		return ""
	}
	var names []string
	for _, t := range e.terms {
		if t.value != "" {
			names = append(names, t.name)
		}
	}
	return ", and equal " + strings.Join(names, ", ")
}

// shared lowers what is proposed for several: two prices may become one, but a person has to want that.
func shared(all []Proposal) []Proposal {
	by := map[string][]string{}
	for _, p := range all {
		if p.Destination != "" {
			by[p.Destination] = append(by[p.Destination], p.Source)
		}
	}
	for i, p := range all {
		if others := slices.DeleteFunc(slices.Clone(by[p.Destination]), func(id string) bool { return id == p.Source }); p.Destination != "" && len(others) > 0 {
			all[i].Why += "; it is proposed for " + strings.Join(others, ", ") + " as well"
			if p.Confidence != Sure {
				all[i].Confidence = Possible
			}
		}
	}
	return all
}

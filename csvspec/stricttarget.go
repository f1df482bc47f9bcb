package csvspec

// target is a column of gocsv's records.
type target struct {
	name     string
	from     int // column of the file, or -1 for one that only fills a gap
	currency int // column of the file that states the amount's currency, or -1
}

// targets returns gocsv's columns for a file: those that are not metadata, and for items those that are missing up
// to the highest one used. gocsv cannot skip an item.
func targets(h *Header) []target {
	var all []target
	for _, sp := range specs() {
		last := lastItem(h, sp.family)
		for item := 0; item <= last && sp.family != familyMetadata; item++ {
			c := ParseColumn(sp.field.Name(item))
			from, currency := -1, -1
			if found, ok := h.Find(sp.field, item); ok {
				from, currency = found.Index, h.currencyOf(found)
			}
			if from >= 0 || sp.family != familyNone {
				all = append(all, target{toGocsv(c), from, currency})
			}
		}
	}
	return all
}

// lastItem returns the highest item number of the family, 0 if the family has no items, -1 if there is none of it.
func lastItem(h *Header, f family) int {
	if f == familyNone {
		return 0
	}
	last := -1
	for _, c := range h.Columns {
		if c.Field.family() == f {
			last = max(last, c.Item)
		}
	}
	return last
}

package csvspec

import "strings"

// Meant returns the known column that a name certainly stands for, although the format does not write it so: other
// capitals and separators (Start Date, startDate, items[0].price), "ID" behind a column that holds IDs (Customer ID),
// a single slip of the finger (custmer), metadata in other spellings. It answers less often than Nearest, whose
// suggestions are for people to judge. ok is false for names that the format knows, and for all others.
func Meant(name string) (meant string, ok bool) {
	name, _ = cleanName(name)
	if ReadColumn(name).Known() {
		return "", false
	}
	if key, ok := strings.CutSuffix(name, " (metadata)"); ok && key != "" { // as Stripe's exports write it
		return "metadata." + key, true
	}
	lower := strings.ToLower(name)
	if key, ok := looseMetadata(lower); ok {
		return "metadata." + name[strings.LastIndex(lower, key):], true // the case of a key counts
	}
	letters, item := squash(lower)
	if strings.Count(letters, "x") != strings.Count(squashedText(lower), "x") && !numbered(letters) {
		return "", false // price 1 and price 2 are not one column
	}
	found := FieldUnknown
	for _, s := range specs() {
		if s.family == familyMetadata {
			continue
		}
		switch known := s.letters(); {
		case letters == known, s.holdsIDs() && letters == known+"id":
			return s.field.Name(item), true
		case !slip(letters, known):
		case found != FieldUnknown:
			return "", false
		default:
			found = s.field
		}
	}
	return found.Name(item), found != FieldUnknown
}

// slip tells whether squashed letters differ from a known column by one letter; the number of an item is none.
func slip(letters, known string) bool {
	return len(letters) >= 5 && strings.Count(letters, "x") == strings.Count(known, "x") && distance(letters, known) == 1
}

// squashedText is squash without the numbers.
func squashedText(name string) string {
	letters, _ := squash(strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, name))
	return letters
}

// numbered tells whether squashed letters begin like the columns of items, which have a number.
func numbered(letters string) bool {
	for _, family := range []family{familyItems, familyAdhoc, familyInvoice} {
		if begin, _ := squash(string(family)); strings.HasPrefix(letters, begin+"x") {
			return true
		}
	}
	return false
}

// holdsIDs tells whether people write ID behind the column's name and mean the same.
func (s spec) holdsIDs() bool {
	switch s.field {
	case FieldCustomer, FieldPrice, FieldItemPrice, FieldAdhocProduct, FieldInvoiceProduct, FieldCoupon, FieldDefaultTaxRate:
		return true
	}
	return false
}

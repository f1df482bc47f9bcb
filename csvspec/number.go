package csvspec

import "strconv"

// parseInt reads a whole number: digits, with a sign if need be.
func parseInt(text string) (int64, Problem) {
	if n, ok := digits(text); ok {
		return n, ProblemNone
	}
	if !isInt(text) {
		return 0, ProblemNotInteger
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, ProblemOutOfRange
	}
	return n, ProblemNone
}

// parseNumber reads a whole number; what cannot be read is blank.
func parseNumber(text string) (Int, Problem) {
	n, problem := parseInt(text)
	return Int{n, problem == ProblemNone}, problem
}

// parseTimestamp reads Unix seconds.
func parseTimestamp(text string) (Timestamp, Problem) {
	n, problem := parseInt(text)
	switch {
	case problem == ProblemNotInteger:
		return 0, ProblemNotTimestamp
	case problem == ProblemNone && n == 0:
		return 0, ProblemOutOfRange
	default:
		return Timestamp(n), problem
	}
}

// parseBool reads true or false in any case.
func parseBool(text string) (Bool, Problem) {
	switch {
	case text == "false": // as most files write it
		return false, ProblemNone
	case text == "true", equalFold(text, "true"):
		return true, ProblemNone
	case equalFold(text, "false"):
		return false, ProblemNone
	default:
		return false, ProblemNotBoolean
	}
}

// equalFold tells whether text is the lower-case ASCII word in any case.
func equalFold(text, word string) bool {
	if len(text) != len(word) {
		return false
	}
	for i := range len(word) {
		if text[i]|0x20 != word[i] {
			return false
		}
	}
	return true
}

// isInt tells whether text is digits, with a sign if need be.
func isInt(text string) bool {
	if text != "" && (text[0] == '-' || text[0] == '+') {
		text = text[1:]
	}
	return isDigits(text)
}

// isDigits tells whether text is one or more digits.
func isDigits(text string) bool {
	for i := range len(text) {
		if text[i]-'0' > 9 {
			return false
		}
	}
	return text != ""
}

// digits returns the value of 1 to 18 digits, which cannot overflow, and whether text is that.
func digits(text string) (n int64, ok bool) {
	if text == "" || len(text) > 18 {
		return 0, false
	}
	if len(text) >= 8 {
		if n, ok = eightDigits(text); !ok {
			return 0, false
		}
		text = text[8:]
	}
	for i := range len(text) {
		d := text[i] - '0'
		if d > 9 {
			return 0, false
		}
		n = n*10 + int64(d)
	}
	return n, true
}

// eightDigits returns the value of the first eight bytes of text, which must be there, and whether they are digits. It
// looks at all of them at once: the first byte is lowest in the word, so neighbours are added up pair by pair.
func eightDigits(text string) (n int64, ok bool) {
	b := text[:8]
	w := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
	const high, six, threes = 0xF0F0F0F0F0F0F0F0, 0x0606060606060606, 0x3333333333333333
	if w&high|(w+six)&high>>4 != threes {
		return 0, false
	}
	w &^= high
	w = w * (10<<8 + 1) >> 8 & 0x00FF00FF00FF00FF
	w = w * (100<<16 + 1) >> 16 & 0x0000FFFF0000FFFF
	return int64(w * (10000<<32 + 1) >> 32), true
}

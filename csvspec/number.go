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
	for i := range len(text) {
		d := text[i] - '0'
		if d > 9 {
			return 0, false
		}
		n = n*10 + int64(d)
	}
	return n, true
}

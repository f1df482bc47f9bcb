package shape

import "strings"

// oneOf writes a choice as Stripe does: "one of a, b, or c".
func oneOf(words []string) string {
	var named []string
	for _, w := range words {
		if w != "" {
			named = append(named, w)
		}
	}
	switch n := len(named); n {
	case 0:
		return "empty"
	case 1:
		return named[0]
	case 2:
		return "one of " + named[0] + " or " + named[1]
	default:
		return "one of " + strings.Join(named[:n-1], ", ") + ", or " + named[n-1]
	}
}

// lastName is the innermost bracket of a path that is not an index.
func lastName(path string) string {
	parts := strings.FieldsFunc(path, func(r rune) bool { return r == '[' || r == ']' })
	for i := len(parts) - 1; i > 0; i-- {
		if !digits(parts[i]) {
			return parts[i]
		}
	}
	return parts[0]
}

func kindNoun(k Kind) string {
	switch k {
	case Integer, Time:
		return "integer"
	case Boolean:
		return "boolean"
	case Number, Decimal:
		return "decimal"
	default:
		return "string"
	}
}

// clip shortens a value for an error message, as Stripe does.
func clip(text string) string {
	runes := []rune(text)
	if len(runes) <= 20 {
		return text
	}
	return string(runes[:10]) + "..." + string(runes[len(runes)-4:])
}

package cli

import (
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// What the errors of flags tell. The types are cobra's own, of a library that is not imported here.
type (
	unknownFlag interface {
		error
		GetSpecifiedName() string
	}
	badValue interface {
		error
		GetValue() string
		Unwrap() error
	}
)

// flagError says what is wrong with a flag, and which flag or value was probably meant.
func flagError(cmd *cobra.Command, err error) error {
	text := err.Error()
	var bad badValue
	var unknown unknownFlag
	switch {
	case errors.As(err, &bad):
		cause := bad.Unwrap().Error()
		text = strings.TrimSuffix(text, cause) + expected(bad.Unwrap())
	case errors.As(err, &unknown) && strings.HasPrefix(text, "unknown flag"):
		if !cmd.HasParent() {
			text += "; flags stand behind the command that they belong to"
			break
		}
		var names []string
		for line := range strings.Lines(cmd.LocalFlags().FlagUsages()) {
			if _, rest, ok := strings.Cut(line, "--"); ok {
				names = append(names, strings.Fields(rest)[0])
			}
		}
		if near := nearest(unknown.GetSpecifiedName(), names); len(near) > 0 {
			text += "; is --" + strings.Join(near, " or --") + " meant?"
		}
	}
	return &usageError{text}
}

// expected says what a flag's value should have been. Errors of this package say it, those of Go's parsers do not.
func expected(cause error) string {
	var number *strconv.NumError
	switch {
	case strings.HasPrefix(cause.Error(), "time: "):
		return "expected a duration such as 90s, 15m or 1h30m"
	case !errors.As(cause, &number):
		return cause.Error()
	case errors.Is(cause, strconv.ErrRange):
		return "expected a smaller number"
	case number.Func == "ParseFloat":
		return "expected a number"
	case number.Func == "ParseBool":
		return "expected true or false"
	}
	return "expected a whole number"
}

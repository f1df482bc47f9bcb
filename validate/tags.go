package validate

import (
	"errors"
	"strings"

	"github.com/go-playground/validator/v10"

	"github.com/subferry/subferry/csvspec"
)

// newTags returns a validator/v10 that knows the tags of csvspec.Row.
func newTags() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	must(v.RegisterValidation("stripe_id", func(f validator.FieldLevel) bool {
		return isID(f.Field().String(), f.Param())
	}))
	must(v.RegisterValidation("currency", func(f validator.FieldLevel) bool {
		code := f.Field().String()
		_, ok := csvspec.Decimals(code)
		return ok && strings.ToLower(code) == code
	}))
	return v
}

// must turns a tag that cannot be registered, which no input can cause, into the defect that it is.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// checkTags adds what the tags of csvspec.Row find and the rules have not said already. The rules say everything
// that tags say and say it better; the tags are there for programs that trust what they can read on the type.
func (v *Validator) checkTags(row *csvspec.Row, found Findings) Findings {
	var wrong validator.ValidationErrors
	if !errors.As(v.tags().Struct(row), &wrong) {
		return found
	}
	for _, w := range wrong {
		f := tagFinding(w, row)
		if !found.covers(f) && !v.acceptedID(f, row) {
			f.Severity, f.Value = Error, valueOf(row, f.Column)
			found = append(found, f)
		}
	}
	return found
}

// acceptedID tells whether a finding is about the form of an ID of which the rules have said more: that a spreadsheet
// has rounded it, or nothing, because the account has such a customer.
func (v *Validator) acceptedID(f Finding, row *csvspec.Row) bool {
	if !strings.HasSuffix(f.Code, "_not_an_id") {
		return false
	}
	return rounded(valueOf(row, f.Column)) ||
		f.Column == "customer" && v.known&dataCustomers != 0 && has(v.opts.Account.Customers, row.Customer)
}

// covers tells whether the findings have one with f's code at f's column.
func (f Findings) covers(x Finding) bool {
	for _, y := range f {
		if y.Code == x.Code && y.Column == x.Column {
			return true
		}
	}
	return false
}

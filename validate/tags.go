package validate

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

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

// must panics when a tag cannot be registered, which no input can cause.
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
		f.Severity, f.Value = Error, valueOf(row, f.Column)
		// Of the form of an ID the rules may have said more, that a spreadsheet has rounded it, or nothing, because the
		// account has such a customer.
		accepted := strings.HasSuffix(f.Code, "_not_an_id") && (rounded(f.Value) ||
			f.Column == "customer" && v.known&dataCustomers != 0 && has(v.opts.Account.Customers, row.Customer))
		if accepted || found.covers(f) {
			continue
		}
		if i := slices.IndexFunc(v.rules, func(r Rule) bool { return r.Code == f.Code }); i >= 0 {
			f.Fix = v.rules[i].Fix
		}
		found = append(found, f)
	}
	return found
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

// tagFinding says a failed tag as a rule would: with the code of the rule that says the same, and its column.
func tagFinding(w validator.FieldError, row *csvspec.Row) Finding {
	name := tagColumn(w.StructNamespace())
	f := Finding{Column: name, Message: "the value does not satisfy the tag " + w.Tag() + "."}
	switch w.Tag() {
	case "required":
		f.Code, f.Message = name+"_missing", "a value was expected."
	case "stripe_id":
		f.Code = map[string]string{"cus_": "customer_not_an_id", "prod_": "product_not_an_id", "txr_": "tax_rate_not_an_id"}[w.Param()]
		f.Message = "an ID that begins with " + w.Param() + " was expected."
	case "currency":
		f.Code, f.Message = "currency_unsupported", "the code of a currency that Stripe supports, such as usd, was expected."
		code, _ := w.Value().(string)
		if _, ok := csvspec.Decimals(code); ok {
			f.Code, f.Message = "currency_case", strings.ToLower(code)+" was expected, in lower case."
		}
	case "oneof":
		f.Code, f.Message = name[strings.LastIndexByte(name, '.')+1:]+"_unknown", strings.ReplaceAll(w.Param(), " ", " or ")+" was expected."
	case "max":
		f.Code, f.Column, f.Message = "items_too_many", "", fmt.Sprintf("at most %s entries in %s were expected.", w.Param(), name)
	}
	switch w.StructField() {
	case "Metadata":
		f.Code = "metadata_too_many"
	case "Key", "Value": // metadata.3.value is in the column of the row's fourth entry
		f.Code, f.Column = "metadata_"+strings.ToLower(w.StructField()), name
		if i, err := strconv.Atoi(strings.Split(name, ".")[1]); err == nil && i < len(row.Metadata) {
			f.Column = "metadata." + row.Metadata[i].Key
		}
		f.Message = map[string]string{"required": "a key was expected.", "max": "at most " + w.Param() + " characters were expected.",
			"excludesall": "a key without square brackets was expected."}[w.Tag()]
	}
	return f
}

// tagColumn turns Row.AdhocItems[1].Product into adhoc_items.1.product.
func tagColumn(namespace string) string {
	_, path, _ := strings.Cut(namespace, ".")
	var b strings.Builder
	for i, r := range path {
		switch {
		case r == '[':
			b.WriteByte('.')
		case r == ']':
		case unicode.IsUpper(r) && i > 0 && path[i-1] != '.':
			b.WriteByte('_')
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

package validate

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/go-playground/validator/v10"

	"github.com/subferry/subferry/csvspec"
)

// tagFinding says a failed tag in the words of the rules: the same code, the same column.
func tagFinding(w validator.FieldError, row *csvspec.Row) Finding {
	name := tagColumn(w.StructNamespace())
	f := Finding{Column: name, Code: tagCode(w, name)}
	f.Message = strings.TrimSpace(fmt.Sprintf("%s does not satisfy %s %s", name, w.Tag(), w.Param()))
	switch f.Code {
	case "items_too_many", "metadata_too_many":
		f.Column = ""
	case "metadata_key", "metadata_value":
		f.Column = metadataColumn(name, row)
	}
	return f
}

// metadataColumn turns metadata.3.value into the column of the row's fourth entry.
func metadataColumn(name string, row *csvspec.Row) string {
	i, err := strconv.Atoi(strings.Split(name, ".")[1])
	if err != nil || i >= len(row.Metadata) {
		return name
	}
	return "metadata." + row.Metadata[i].Key
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

// tagCode returns the code of the rule that says the same as the tag.
func tagCode(w validator.FieldError, name string) string {
	switch w.Tag() {
	case "required":
		if w.StructField() == "Key" {
			return "metadata_key"
		}
		return name + "_missing"
	case "stripe_id":
		return map[string]string{"cus_": "customer_not_an_id", "prod_": "product_not_an_id", "txr_": "tax_rate_not_an_id"}[w.Param()]
	case "currency":
		if csvspecKnows(w.Value()) {
			return "currency_case"
		}
		return "currency_unsupported"
	case "oneof":
		return name[strings.LastIndexByte(name, '.')+1:] + "_unknown"
	}
	return tagLimit(w)
}

// tagLimit returns the code of the rule about a limit.
func tagLimit(w validator.FieldError) string {
	switch w.StructField() {
	case "Key":
		return "metadata_key"
	case "Value":
		return "metadata_value"
	case "Metadata":
		return "metadata_too_many"
	}
	return "items_too_many"
}

// csvspecKnows tells whether the value is a currency in some case.
func csvspecKnows(value any) bool {
	code, _ := value.(string)
	_, ok := csvspec.Decimals(code)
	return ok
}

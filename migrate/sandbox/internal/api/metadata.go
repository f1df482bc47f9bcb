package api

import (
	"strings"
	"unicode/utf8"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// Stripe's limits on metadata.
const (
	metadataKeys  = 50
	metadataKey   = 40
	metadataValue = 500
)

// metadata merges a metadata parameter into what an object has: an empty value removes a key, an empty parameter
// removes all.
func metadata(have object.Metadata, p *form.Node, name string) (object.Metadata, error) {
	sent := p.Get(name)
	if sent == nil {
		return have, nil
	}
	if len(sent.Fields) == 0 {
		return nil, nil
	}
	for _, pair := range sent.Fields {
		if err := checkPair(sent.Path, pair); err != nil {
			return nil, err
		}
		have = have.With(strings.Clone(pair.Name), pair.Text)
	}
	if len(have) > metadataKeys {
		return nil, apierr.Invalid(sent.Path, "Metadata can have up to %d keys, but this request would make it %d.", metadataKeys, len(have))
	}
	return have, nil
}

func checkPair(path string, pair *form.Node) error {
	if n := utf8.RuneCountInString(pair.Name); n > metadataKey {
		return apierr.Invalid(path, "Metadata keys can have up to %d characters, but you passed in a key that is %d characters. Invalid key: %s", metadataKey, n, pair.Name)
	}
	if len(pair.Fields) > 0 || strings.ContainsAny(pair.Name, "[]") {
		return apierr.Invalid(path, "Metadata keys cannot contain square brackets, and metadata values must be text. Invalid key: %s", pair.Name)
	}
	if n := utf8.RuneCountInString(pair.Text); n > metadataValue {
		return apierr.Invalid(path, "Metadata values can have up to %d characters, but you passed in a value that is %d characters. Invalid value: %s", metadataValue, n, pair.Text)
	}
	return nil
}

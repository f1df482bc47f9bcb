package validate_test

import (
	"testing"

	"github.com/subferry/subferry/validate"
)

// TestReference keeps RULES.md as the rules are.
func TestReference(t *testing.T) {
	golden(t, "RULES.md", validate.Reference(validate.Rules()))
}

package validate_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/validate"
)

func TestPercent(t *testing.T) {
	for p, want := range map[validate.Percent]string{
		0: "0 %", 1: "0.0001 %", 125000: "12.5 %", 190000: "19 %", 88750: "8.875 %", validate.Hundred: "100 %",
		validate.UnknownPercent: "an unknown percentage",
	} {
		require.Equal(t, want, p.String())
	}
}

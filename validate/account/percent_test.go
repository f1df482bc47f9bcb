package account_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/validate/account"
)

func TestPercent(t *testing.T) {
	for p, want := range map[account.Percent]string{
		0: "0 %", 1: "0.0001 %", 125000: "12.5 %", 190000: "19 %", 88750: "8.875 %", account.Hundred: "100 %",
		account.UnknownPercent: "an unknown percentage",
	} {
		require.Equal(t, want, p.String())
	}
}

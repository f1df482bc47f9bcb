package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConfirmAsksByMode(t *testing.T) {
	const account = "acct_1"
	for _, c := range []struct {
		name    string
		place   place
		yes     bool
		confirm string
		answer  string
		starts  bool
	}{
		{"embedded sandbox never asks", embedded, false, "", "", true},
		{"test mode, yes typed", testMode, false, "", "yes\n", true},
		{"test mode, no", testMode, false, "", "no\n", false},
		{"test mode, nobody", testMode, false, "", "", false},
		{"test mode, --yes", testMode, true, "", "", true},
		{"live mode, yes is not enough", liveMode, false, "", "yes\n", false},
		{"live mode, --yes is not enough", liveMode, true, "", "", false},
		{"live mode, the account typed", liveMode, false, "", "acct_1\n", true},
		{"live mode, another account typed", liveMode, false, "", "acct_2\n", false},
		{"live mode, --confirm", liveMode, false, account, "", true},
		{"live mode, --confirm of another account", liveMode, true, "acct_2", "acct_1\n", false},
		{"test mode, --confirm of another account", testMode, true, "acct_2", "yes\n", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := withEnv("linux", nil)
			a.env.Stdin, a.env.Stderr = strings.NewReader(c.answer), &bytes.Buffer{}
			s := &session{app: a, flags: sessionFlags{yes: c.yes, confirm: c.confirm}, target: target{place: c.place}}
			err := s.confirm(t.Context(), account, "Start")
			if c.starts {
				require.NoError(t, err)
				return
			}
			_, exit := a.classify(err)
			require.Equal(t, ExitRefused, exit)
		})
	}
}

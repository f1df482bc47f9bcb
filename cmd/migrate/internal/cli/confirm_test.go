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

// --yes and --confirm do not answer how many direct subscriptions are meant. A run that goes on creates 3 of 7 here.
func TestConfirmAsksForDirectSubscriptions(t *testing.T) {
	goesOn := directCount{creates: 3, all: 7}
	for _, c := range []struct {
		name   string
		place  place
		count  directCount
		flag   directCountFlag
		answer string
		wrong  string
	}{
		{"embedded sandbox never asks", embedded, directCount{3, 3}, directCountFlag{}, "", ""},
		{"none", liveMode, directCount{}, directCountFlag{}, "", ""},
		{"test mode, typed", testMode, directCount{3, 3}, directCountFlag{}, "3\n", ""},
		{"live mode, typed", liveMode, directCount{3, 3}, directCountFlag{}, "3\n", ""},
		{"live mode, yes", liveMode, directCount{3, 3}, directCountFlag{}, "yes\n", "the answer was not 3: nothing was started"},
		{"live mode, nobody", liveMode, directCount{3, 3}, directCountFlag{}, "", "nobody answered, so nothing was started: in scripts say --direct-count 3"},
		{"live mode, the flag", liveMode, directCount{3, 3}, directCountFlag{true, 3}, "", ""},
		{"live mode, another number", liveMode, directCount{3, 3}, directCountFlag{true, 4}, "3\n",
			"--direct-count says 4, but 3 direct subscriptions would exist at once: nothing was started"},
		{"also in the embedded sandbox", embedded, directCount{3, 3}, directCountFlag{true, 4}, "",
			"--direct-count says 4, but 3 direct subscriptions would exist at once: nothing was started"},
		{"some where none are", testMode, directCount{}, directCountFlag{true, 4}, "",
			"--direct-count says 4, but 0 direct subscriptions would exist at once: nothing was started"},
		{"going on, the rest", testMode, goesOn, directCountFlag{true, 3}, "", ""},
		{"going on, all", testMode, goesOn, directCountFlag{true, 7}, "", ""},
		{"going on, typed", testMode, goesOn, directCountFlag{}, "3\n", ""},
		{"going on, neither", testMode, goesOn, directCountFlag{true, 4}, "",
			"--direct-count says 4, but 3 further direct subscriptions (7 in all) would exist at once: nothing was started"},
		{"nothing left", testMode, directCount{0, 7}, directCountFlag{true, 7}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := withEnv("linux", nil)
			a.env.Stdin, a.env.Stderr = strings.NewReader(c.answer), &bytes.Buffer{}
			s := &session{app: a, flags: sessionFlags{yes: true, confirm: "acct_1"}, target: target{place: c.place}}
			err := s.confirmDirect(t.Context(), c.count, c.flag)
			if c.wrong == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, c.wrong)
			_, exit := a.classify(err)
			require.Equal(t, ExitRefused, exit)
		})
	}
}

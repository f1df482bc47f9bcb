package cli

import (
	"bufio"
	"fmt"
	"strings"
)

// confirm asks before something happens in a Stripe account: for a yes in test mode, for the account's ID in live
// mode. In the embedded sandbox nobody is asked.
func (s *session) confirm(account, what string) error {
	given := s.flags.confirm
	switch {
	case given != "" && given != account:
		return &refusal{"wrong_account", fmt.Sprintf("--confirm names %s, but the account is %s: nothing was started", given, account)}
	case given != "", s.target.place == embedded, s.target.place == testMode && s.flags.yes:
		return nil
	case s.target.place == liveMode:
		return s.ask(what+"? This is LIVE MODE. Type the account ID ("+account+"): ", account, "--confirm "+account)
	}
	return s.ask(what+"? Type yes: ", "yes", "--yes")
}

// ask reads one line and compares it with what is expected.
func (s *session) ask(question, expected, flag string) error {
	fmt.Fprint(s.env.Stderr, s.bold(question))
	answer, err := bufio.NewReader(s.env.Stdin).ReadString('\n')
	answer = strings.TrimSpace(answer)
	switch {
	case answer == expected:
		return nil
	case answer == "" && err != nil:
		s.say("")
		return &refusal{"not_confirmed", "nobody answered, so nothing was started: in scripts say " + flag}
	}
	return &refusal{"not_confirmed", fmt.Sprintf("the answer was not %s: nothing was started", expected)}
}

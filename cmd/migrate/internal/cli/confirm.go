package cli

import (
	"bufio"
	"context"
	"fmt"
	"strings"
)

// confirm asks before something happens in a Stripe account: for a yes in test mode, for the account's ID in live
// mode. In the embedded sandbox nobody is asked.
func (s *session) confirm(ctx context.Context, account, what string) error {
	given := s.flags.confirm
	switch {
	case given != "" && given != account:
		return &refusal{"wrong_account", fmt.Sprintf("--confirm names %s, but the account is %s: nothing was started", given, account)}
	case given != "", s.target.place == embedded, s.target.place == testMode && s.flags.yes:
		return nil
	case s.target.place == liveMode:
		return s.ask(ctx, what+"? This is LIVE MODE. Type the account ID ("+account+"): ", account, "--confirm "+account)
	}
	return s.ask(ctx, what+"? Type yes: ", "yes", "--yes")
}

// ask reads one line and compares it with what is expected.
func (s *session) ask(ctx context.Context, question, expected, flag string) error {
	ctx, release := s.abortable(ctx)
	defer release()
	fmt.Fprint(s.env.Stderr, s.bold(question))
	answer, err := s.answer(ctx)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case answer == expected:
		return nil
	case answer == "" && err != nil:
		s.say("")
		return &refusal{"not_confirmed", "nobody answered, so nothing was started: in scripts say " + flag}
	}
	return &refusal{"not_confirmed", fmt.Sprintf("the answer was not %s: nothing was started", expected)}
}

// answer reads one line, or returns when the context ends. A read of standard input cannot be interrupted: its
// goroutine then stays until the process ends.
func (s *session) answer(ctx context.Context) (string, error) {
	type reading struct {
		line string
		err  error
	}
	done := make(chan reading, 1)
	go func() {
		line, err := bufio.NewReader(s.env.Stdin).ReadString('\n')
		done <- reading{strings.TrimSpace(line), err}
	}()
	select {
	case r := <-done:
		return r.line, r.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

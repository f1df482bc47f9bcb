package cli

import (
	"bufio"
	"context"
	"fmt"
	"strconv"
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

// directCount is how many direct subscriptions a run creates, and how many the migration has then with those that exist.
type directCount struct{ creates, all int64 }

// confirmDirect asks, apart from all the rest, whether so many direct subscriptions are meant to exist as soon as the run
// creates them. --yes and --confirm do not answer that. The flag may also count those that exist already, so that the same
// command goes on with a run that has ended early. In the embedded sandbox nobody is asked.
func (s *session) confirmDirect(ctx context.Context, n directCount, given directCountFlag) error {
	count, what := strconv.FormatInt(n.creates, 10), plural(n.creates, "direct subscription")
	if n.all > n.creates {
		what = plural(n.creates, "further direct subscription")
	}
	switch {
	case given.set && given.count != n.creates && given.count != n.all:
		if n.all > n.creates {
			what += fmt.Sprintf(" (%d in all)", n.all)
		}
		return &refusal{"direct_count", fmt.Sprintf("--direct-count says %d, but %s would exist at once: nothing was started", given.count, what)}
	case n.creates == 0, given.set, s.target.place == embedded:
		return nil
	}
	return s.ask(ctx, what+" would exist at once. Type how many ("+count+"): ", count, "--direct-count "+count)
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
	if s.stdin == nil { // one for all questions, because it reads ahead
		s.stdin = bufio.NewReader(s.env.Stdin)
	}
	go func() {
		line, err := s.stdin.ReadString('\n')
		done <- reading{strings.TrimSpace(line), err}
	}()
	select {
	case r := <-done:
		return r.line, r.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

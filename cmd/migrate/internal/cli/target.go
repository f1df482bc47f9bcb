package cli

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/validate"
)

// place is where the subscriptions are created.
type place int

const (
	embedded place = iota // the sandbox inside this program
	testMode
	liveMode
)

// modeFlags say which place is meant.
type modeFlags struct {
	sandbox, live bool
	apiBase       string
}

func (f *modeFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.sandbox, "sandbox", false, "work in Stripe's test mode with start dates 1 hour ahead; without a key, in the embedded sandbox")
	flags.BoolVar(&f.live, "live", false, "work in live mode: real customers, real money (needs a live key)")
	flags.StringVar(&f.apiBase, "api-base", "", "work with the server at `URL`, which speaks Stripe's API (https, or http on this machine)")
	cmd.MarkFlagsMutuallyExclusive("sandbox", "live")
}

// target is where a command works, and how.
type target struct {
	place place
	key   gateway.Key
	base  string
	lead  time.Duration
}

// words says where a command works.
func (t target) words() string {
	where := [...]string{"the embedded sandbox: no key, no network, no money", "Stripe's test mode: no money moves", "LIVE MODE: real customers, real money"}[t.place]
	if t.base != "" {
		where += ", at " + t.base
	}
	return where
}

// target returns where a command works, by its flags and the key. A combination that could be a mistake is refused.
func (a *app) target(f modeFlags) (target, error) {
	key, err := a.key()
	if err != nil {
		return target{}, err
	}
	if key.IsZero() {
		switch {
		case f.apiBase != "":
			return target{}, &refusal{"no_key", "--api-base names a server, and a server needs a key: set " + keyVariable + " (for a sandbox of ours any sk_test_… will do)"}
		case f.live:
			return target{}, &refusal{"no_key", "--live needs a live key: set " + keyVariable + " to one (sk_live_… or rk_live_…)"}
		case !f.sandbox:
			return target{}, &refusal{"no_key", "no Stripe key: set " + keyVariable + " or " + keyFileVariable + ", or say --sandbox to work in the embedded sandbox without one"}
		}
		return embeddedTarget()
	}
	t := target{place: testMode, key: key, base: f.apiBase, lead: validate.LiveLead}
	switch {
	case key.Livemode() && f.sandbox:
		return t, &refusal{"live_key_with_sandbox", "the key is a live one, and --sandbox never works in live mode: use a test key (sk_test_…), or unset " +
			keyVariable + " to use the embedded sandbox"}
	case key.Livemode() && !f.live:
		return t, &refusal{"live_key_without_live", "the key is a live one: say --live if you mean real customers and real money, or use a test key (sk_test_…)"}
	case f.live && !key.Livemode():
		return t, &refusal{"test_key_with_live", "--live needs a live key, and the key is a test one: set " + keyVariable + " to a live key (sk_live_… or rk_live_…), or leave --live out"}
	case key.Livemode():
		t.place = liveMode
	case f.sandbox:
		t.lead = validate.SandboxLead
	}
	return t, nil
}

// embeddedTarget is the embedded sandbox, which takes any test key.
func embeddedTarget() (target, error) {
	key, err := gateway.NewKey("sk_test_embedded_sandbox")
	return target{place: embedded, key: key, lead: validate.SandboxLead}, err
}

// embeddedAccount is how the IDs of sandbox accounts begin.
const embeddedAccount = "acct_sandbox"

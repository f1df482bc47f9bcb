package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate"
)

// ledgerFlags are the flags of commands that only read the ledger.
type ledgerFlags struct {
	state         stateFlag
	now           timeFlag
	sandbox, live bool
}

func (f *ledgerFlags) add(cmd *cobra.Command) {
	f.state.add(cmd)
	f.now.add(cmd, "show it as of this time, RFC 3339 or Unix seconds (migrations of the embedded sandbox only)")
	cmd.Flags().BoolVar(&f.sandbox, "sandbox", false, "only migrations that are not in live mode")
	cmd.Flags().BoolVar(&f.live, "live", false, "only migrations in live mode")
	cmd.MarkFlagsMutuallyExclusive("sandbox", "live")
}

// shows tells whether a migration is of the mode that --sandbox or --live asks for.
func (f ledgerFlags) shows(m *migrate.Summary) bool {
	return !(f.sandbox && m.Livemode) && !(f.live && !m.Livemode)
}

// allows refuses a migration of the other mode, and --now for a migration that is in Stripe.
func (f ledgerFlags) allows(m *migrate.Summary) error {
	if !f.shows(m) {
		return &refusal{"wrong_mode", fmt.Sprintf("%s is in %s: leave the flag out that says otherwise", m.ID, modeWords(m))}
	}
	if !f.now.IsZero() && !strings.HasPrefix(m.Account, embeddedAccount) {
		return &refusal{"now_against_stripe", fmt.Sprintf("--now works only with the embedded sandbox, and %s is in the account %s: leave --now out", m.ID, m.Account)}
	}
	return nil
}

package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
)

// completeIDs offers the IDs of the ledger to the shell.
func (a *app) completeIDs(f *stateFlag) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var ids []cobra.Completion
		err := a.withLedger(cmd.Context(), *f, func(store ledger.Ledger, _ string) error {
			all, err := migrate.List(cmd.Context(), store, a.env.Now())
			for _, s := range all {
				ids = append(ids, cobra.CompletionWithDesc(s.ID, fmt.Sprintf("%s, %s", s.File, s.Status)))
			}
			return err
		})
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		return ids, cobra.ShellCompDirectiveNoFileComp
	}
}

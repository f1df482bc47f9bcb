package cli

import (
	"regexp"
	"strings"

	"github.com/spf13/cobra"
)

const rootHelp = `migrate moves subscriptions into Stripe Billing. It reads the CSV files of Stripe's Billing migration toolkit
(basic, multi-item, ad-hoc), says what is wrong with them, creates one subscription schedule for each row,
and can undo them for ten hours.

Nothing is created before a review has been shown. Without --live nothing touches live mode, and --sandbox
without a key needs neither an account nor a network.

The key is read from the environment: STRIPE_API_KEY, or a file named by STRIPE_API_KEY_FILE that only you can
read. There is no flag for it, and it is never shown.

What was done is kept in a ledger: a file on this computer, or the Postgres database that DATABASE_URL names
(postgres://…), which several machines can share. That address is never shown either.`

const rootExamples = `  migrate template basic --sample 12 > subs.csv   write a file to play with
  migrate validate subs.csv                       say everything that is wrong with it
  migrate plan --sandbox subs.csv                 show every charge, and keep it with --out plan.json
  migrate run --sandbox subs.csv                  rehearse without a key
  migrate status mig_…                            how it stands, and until when it can be undone
  migrate cancel mig_…                            undo it
  STRIPE_API_KEY=sk_live_… migrate run --live subs.csv`

const exitHelp = `
Exit codes:
  0    done
  1    failure: a file or Stripe could not be reached, a disk is full …
  2    the command line was not understood
  3    the file has errors
  4    refused for safety: wrong key, account or mode, window closed, file migrated before
  5    partly done: the same command, or migrate resume, goes on
  6    a rehearsal, a verification, a proof of an export, status --who-bills or a monitor found something that is not
       as it should be
  130  interrupted by you; what was begun is recorded
`

// root returns the program's commands.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use: programName(a.env.Program), Short: "Move subscriptions into Stripe Billing", Long: rootHelp, Example: rootExamples,
		SilenceErrors: true, SilenceUsage: true,
		Args: a.onlySubcommands,
		RunE: func(cmd *cobra.Command, _ []string) error { a.started = true; return cmd.Help() },
	}
	root.SetUsageTemplate(root.UsageTemplate() + "{{if not .HasParent}}" + exitHelp + "{{end}}")
	root.SetFlagErrorFunc(flagError)
	root.SetHelpCommand(a.helpCommand())
	root.Version = versionLine()
	root.SetVersionTemplate("{{.Version}}\n")
	root.AddCommand(
		a.templateCommand(), a.validateCommand(), a.fixCommand(), a.convertCommand(), a.exportCommand(), a.mapCommand(), a.rulesCommand(), a.planCommand(), a.rehearseCommand(), a.runCommand(), a.resumeCommand(), a.statusCommand(),
		a.listCommand(), a.cancelCommand(), a.releaseCommand(), a.reportCommand(), a.verifyCommand(), a.cutoverCommand(), a.monitorCommand(), a.usageCommand(), a.serviceCommand(), a.workerCommand(), a.scheduleCommand(), a.sandboxCommand(), a.versionCommand(), a.manCommand(),
	)
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" { // cobra's own prints help, without an error, for a shell that it does not know
			c.Args = a.onlySubcommands
			c.RunE = func(cmd *cobra.Command, _ []string) error { a.started = true; return cmd.Help() }
		}
	}
	rename(root, root.Name())
	return root
}

// rename puts the name by which the program was started into the help texts.
func rename(cmd *cobra.Command, name string) {
	if name == defaultName {
		return
	}
	written := regexp.MustCompile(`\bmigrate( [a-z]|$)`)
	for _, text := range []*string{&cmd.Long, &cmd.Example, &cmd.Short} {
		*text = written.ReplaceAllString(*text, strings.ReplaceAll(name, "$", "$$")+"$1")
	}
	for _, c := range cmd.Commands() {
		rename(c, name)
	}
}

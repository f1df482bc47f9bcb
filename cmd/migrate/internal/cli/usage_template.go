package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	judge "github.com/subferry/subferry/validate/usage"
)

// usageTemplateCommand writes the columns of a file of usage.
func (a *app) usageTemplateCommand() *cobra.Command {
	var sample int
	var now timeFlag
	cmd := &cobra.Command{
		Use:   "template",
		Short: "Write an empty file of usage, or one with sample rows",
		Long: `Writes the columns of Stripe's own usage upload to standard output. identifier keeps a row from being counted twice, and
may be left blank; timestamp is Unix seconds, or a time with its zone; further columns payload_NAME are dimensions.

With --sample N it has N rows of the last hours, whose customers and meter are made up.`,
		Example: "  migrate usage template > usage.csv\n  migrate usage template --sample 12 > sample.csv",
		Args:    noArguments,
		RunE: a.asRunE(func(context.Context, []string) error {
			if sample < 0 || sample > maxSample {
				return &usageError{"--sample must lie between 0 and 1000000"}
			}
			a.print("%s\n", strings.Join(judge.Columns(), ","))
			from := a.clock(now).Now().Unix() / 60 * 60
			for i := range sample {
				a.print("%s\n", fmt.Sprintf("sample-%d,%d,api_calls,cus_Sample%d,%d", i+1, from-int64(sample-i)*60, i%3+1, i%9+1))
			}
			return nil
		}),
	}
	cmd.Flags().IntVar(&sample, "sample", 0, "write `N` sample rows")
	now.add(cmd, "date the sample rows from this time, RFC 3339 or Unix seconds")
	return cmd
}

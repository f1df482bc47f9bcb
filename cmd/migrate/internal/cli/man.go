package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// manCommand writes the manual pages, for those who package the program.
func (a *app) manCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "man DIR",
		Short:   "Write a manual page for each command into a directory",
		Example: "  migrate man /usr/local/share/man/man1",
		Args:    oneArgument("DIR"),
	}
	cmd.RunE = a.asRunE(func(_ context.Context, args []string) error {
		if err := os.MkdirAll(args[0], 0o755); err != nil {
			return err
		}
		root := cmd.Root()
		root.DisableAutoGenTag = true
		if err := doc.GenManTree(root, &doc.GenManHeader{Title: strings.ToUpper(root.Name()), Section: "1", Source: "subferry", Manual: root.Name()}, args[0]); err != nil {
			return err
		}
		a.say("Next: man %s", quote(filepath.Join(args[0], root.Name()+".1")))
		return nil
	})
	return cmd
}

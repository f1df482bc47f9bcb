package cli

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate/gateway"
)

// versionCommand says which program this is.
func (a *app) versionCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version of the program and of Stripe's API that it speaks",
		Example: "  migrate version -o json",
		Args:    noArguments,
		RunE:    a.asRunE(func(context.Context, []string) error { return a.version() }),
	}
	a.outputFlag(cmd, formatText, formatJSON)
	return cmd
}

func (a *app) version() error {
	if a.textMode() {
		a.print("%s\n", versionLine())
		return nil
	}
	return a.printJSON(map[string]string{
		"version": programVersion(), "stripe_api": gateway.APIVersion, "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH,
	})
}

func versionLine() string {
	return fmt.Sprintf("migrate (subferry) %s, Stripe API %s, %s %s/%s", programVersion(), gateway.APIVersion, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func programVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}

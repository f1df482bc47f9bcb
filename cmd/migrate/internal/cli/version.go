package cli

import (
	"context"
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
		Args:    cobra.NoArgs,
		RunE:    a.does(func(context.Context, []string) error { return a.version() }),
	}
	a.outputFlag(cmd, formatText, formatJSON)
	return cmd
}

func (a *app) version() error {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	if a.text() {
		a.print("migrate (subferry) %s, Stripe API %s, %s %s/%s\n", version, gateway.APIVersion, runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return nil
	}
	return a.printJSON(map[string]string{
		"version": version, "stripe_api": gateway.APIVersion, "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH,
	})
}

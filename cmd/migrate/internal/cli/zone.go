package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

// zoneFlag is the time zone of local times in an output.
type zoneFlag struct{ zone *time.Location }

func (z *zoneFlag) flag(cmd *cobra.Command) {
	cmd.Flags().Var(z, "timezone", "show local times of `ZONE` beside UTC, such as Europe/Berlin, in csv and html (default: this machine's)")
}

// in returns the zone that was asked for, or that of the environment.
func (z *zoneFlag) in(e Environment) *time.Location {
	if z.zone == nil {
		return e.Zone
	}
	return z.zone
}

// String implements pflag.Value.
func (z *zoneFlag) String() string {
	if z == nil || z.zone == nil {
		return ""
	}
	return z.zone.String()
}

// Type implements pflag.Value.
func (z *zoneFlag) Type() string { return "ZONE" }

// Set implements pflag.Value.
func (z *zoneFlag) Set(text string) (err error) {
	if z.zone, err = time.LoadLocation(text); err != nil || text == "" {
		return fmt.Errorf("%q is no time zone: write a name such as Europe/Berlin or America/New_York", text)
	}
	return nil
}

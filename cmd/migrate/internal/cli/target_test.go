package cli

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/validate"
)

func withEnv(goos string, variables map[string]string) *app {
	return &app{env: Environment{OS: goos, LookupEnv: func(n string) (string, bool) { v, ok := variables[n]; return v, ok }}}
}

func TestTargetIsDecidedByKeyAndFlags(t *testing.T) {
	for _, c := range []struct {
		name    string
		key     string
		flags   modeFlags
		place   place
		lead    time.Duration
		refused string
	}{
		{"no key", "", modeFlags{}, 0, 0, "no_key"},
		{"no key, sandbox", "", modeFlags{sandbox: true}, embedded, validate.SandboxLead, ""},
		{"no key, live", "", modeFlags{live: true}, 0, 0, "no_key"},
		{"no key, a server", "", modeFlags{sandbox: true, apiBase: "https://x"}, 0, 0, "no_key"},
		{"test key", "sk_test_1", modeFlags{}, testMode, validate.LiveLead, ""},
		{"test key, sandbox", "sk_test_1", modeFlags{sandbox: true}, testMode, validate.SandboxLead, ""},
		{"restricted test key", "rk_test_1", modeFlags{}, testMode, validate.LiveLead, ""},
		{"test key, live", "sk_test_1", modeFlags{live: true}, 0, 0, "test_key_with_live"},
		{"live key", "sk_live_1", modeFlags{}, 0, 0, "live_key_without_live"},
		{"live key, sandbox", "sk_live_1", modeFlags{sandbox: true}, 0, 0, "live_key_with_sandbox"},
		{"live key, live", "sk_live_1", modeFlags{live: true}, liveMode, validate.LiveLead, ""},
		{"restricted live key, live", "rk_live_1", modeFlags{live: true}, liveMode, validate.LiveLead, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := withEnv("linux", map[string]string{keyVariable: c.key}).target(c.flags)
			if c.refused != "" {
				var refused *refusal
				require.True(t, errors.As(err, &refused), err)
				require.Equal(t, c.refused, refused.code)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.place, got.place)
			require.Equal(t, c.lead, got.lead)
			require.Equal(t, c.place == liveMode, got.key.Livemode())
		})
	}
}

func TestStateDirFollowsTheSystemsCustoms(t *testing.T) {
	home := filepath.Join(string(filepath.Separator), "home", "ada")
	for _, c := range []struct {
		goos      string
		variables map[string]string
		want      string
	}{
		{"linux", map[string]string{"HOME": home}, filepath.Join(home, ".local", "state", "subferry")},
		{"linux", map[string]string{"HOME": home, "XDG_STATE_HOME": "relative"}, filepath.Join(home, ".local", "state", "subferry")},
		{"linux", map[string]string{"HOME": home, "XDG_STATE_HOME": home}, filepath.Join(home, "subferry")},
		{"darwin", map[string]string{"HOME": home}, filepath.Join(home, "Library", "Application Support", "subferry")},
		{"windows", map[string]string{"LocalAppData": home}, filepath.Join(home, "subferry")},
		{"windows", map[string]string{"USERPROFILE": home}, filepath.Join(home, "AppData", "Local", "subferry")},
	} {
		got, err := withEnv(c.goos, c.variables).stateDir(stateFlag{})
		require.NoError(t, err)
		require.Equal(t, c.want, got, c.goos)
	}
	_, err := withEnv("linux", nil).stateDir(stateFlag{})
	require.ErrorContains(t, err, "--state DIR")
}

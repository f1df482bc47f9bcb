package examples_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// composed is the part of compose.yaml that must fit the program.
type composed struct {
	Services map[string]struct {
		Command     []string
		Environment map[string]string
		Secrets     []string
		Build       struct{ Context, Dockerfile string }
		Deploy      struct{ Replicas int }
		StopGrace   string `yaml:"stop_grace_period"`
	}
	Secrets map[string]struct{ File string }
	Volumes map[string]any
}

// flagsOf returns the flags that a command of the program declares.
func flagsOf(t *testing.T, command string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "cmd", "migrate", "internal", "cli", command+".go"))
	require.NoError(t, err)
	var names []string
	for _, m := range regexp.MustCompile(`flags\.\w+Var\(&f\.[\w.]+, "([a-z-]+)"`).FindAllStringSubmatch(string(text), -1) {
		names = append(names, "--"+m[1])
	}
	require.Greater(t, len(names), 4)
	return names
}

// fits makes sure that a command line is one of the program's.
func fits(t *testing.T, line []string) {
	t.Helper()
	require.Contains(t, []string{"serve", "worker"}, line[0])
	known := flagsOf(t, line[0])
	for _, arg := range line[1:] {
		if name, _, _ := strings.Cut(arg, "="); strings.HasPrefix(name, "--") {
			require.True(t, slices.Contains(known, name), "%s has no flag %s", line[0], name)
		}
	}
	require.NotContains(t, line, "--live", "an example that is copied must not work in live mode")
}

func TestTheComposeFile(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("deploy", "compose.yaml"))
	require.NoError(t, err)
	var c composed
	require.NoError(t, yaml.Unmarshal(text, &c))
	require.Equal(t, 2, c.Services["worker"].Deploy.Replicas)
	for name, s := range c.Services {
		for _, secret := range s.Secrets {
			require.Contains(t, c.Secrets, secret, name)
		}
		for variable, value := range s.Environment {
			if file, ok := strings.CutPrefix(value, "/run/secrets/"); ok {
				require.Contains(t, s.Secrets, file, "%s of %s", variable, name)
				require.True(t, strings.HasSuffix(variable, "_FILE"), "%s is a file's name", variable)
			}
		}
		if name == "postgres" {
			continue
		}
		fits(t, s.Command)
		require.Equal(t, "45s", s.StopGrace, name)
		require.Contains(t, s.Environment["DATABASE_URL"], "passfile=/run/secrets/pgpass")
		require.Contains(t, s.Secrets, "pgpass")
		_, err := os.Stat(filepath.Join("deploy", s.Build.Context, s.Build.Dockerfile))
		require.NoError(t, err)
	}
	for name, s := range c.Secrets {
		require.True(t, strings.HasPrefix(s.File, "./secrets/"), name)
	}
	require.NotRegexp(t, `(sk|rk)_(test|live)_|whsec_[A-Za-z0-9]|absec_[A-Za-z0-9]|://[^/@\s]*:[^/@\s]*@`, string(text), "no secret stands in the file")
}

func TestTheUnits(t *testing.T) {
	names, err := filepath.Glob(filepath.Join("deploy", "systemd", "*.service"))
	require.NoError(t, err)
	require.Len(t, names, 2)
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		unit := strings.ReplaceAll(string(text), "\\\n", " ")
		_, line, found := strings.Cut(unit, "ExecStart=/usr/local/bin/migrate ")
		require.True(t, found, name)
		line, _, _ = strings.Cut(line, "\n")
		fits(t, strings.Fields(line))
		for _, setting := range []string{"User=subferry", "NoNewPrivileges=yes", "ProtectSystem=strict", "KillSignal=SIGTERM", "TimeoutStopSec=45", "WantedBy=multi-user.target"} {
			require.Contains(t, unit, setting, name)
		}
		require.NotContains(t, unit, "%d", "systemd's credentials can be read by a group, and keys may not")
	}
}

func TestTheDockerfile(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("deploy", "Dockerfile"))
	require.NoError(t, err)
	mod, err := os.ReadFile(filepath.Join("..", "go.mod"))
	require.NoError(t, err)
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(mod))
	require.Contains(t, string(text), "FROM golang:"+version[1]+" AS build", "the image builds with the Go of go.mod")
	for _, line := range []string{"CGO_ENABLED=0", "\nFROM scratch\n", "\nUSER 65532:65532\n", "ca-certificates.crt", `ENTRYPOINT ["/usr/local/bin/migrate"]`} {
		require.Contains(t, string(text), line)
	}
	ignored, err := os.ReadFile(filepath.Join("deploy", "Dockerfile.dockerignore"))
	require.NoError(t, err)
	require.Contains(t, string(ignored), "examples/deploy/secrets", "secrets never become part of an image's context")
	require.Contains(t, string(ignored), "examples/deploy/keys")
}

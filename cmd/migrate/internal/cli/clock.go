package cli

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate"
)

// clock is the machine's clock, or one that --now has set and that goes on from there.
type clock struct {
	migrate.SystemClock
	now func() time.Time
}

func (c clock) Now() time.Time { return c.now() }

// clock returns the clock of a command whose --now is at.
func (a *app) clock(at timeFlag) clock {
	if at.IsZero() {
		return clock{now: a.env.Now}
	}
	began := a.env.Now()
	return clock{now: func() time.Time { return at.Add(a.env.Now().Sub(began)) }}
}

// timeFlag is a flag that names a moment; zero is not given.
type timeFlag struct{ time.Time }

func (m *timeFlag) String() string {
	if m.IsZero() {
		return ""
	}
	return m.Format(time.RFC3339)
}

// Type implements pflag.Value.
func (m *timeFlag) Type() string { return "TIME" }

// Set implements pflag.Value: it reads RFC 3339, or Unix seconds.
func (m *timeFlag) Set(text string) error {
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil && seconds > 0 {
		m.Time = time.Unix(seconds, 0).UTC()
		return nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return fmt.Errorf("expected 2026-01-31T12:00:00Z or Unix seconds")
	}
	m.Time = t
	return nil
}

func (m *timeFlag) add(cmd *cobra.Command, help string) { cmd.Flags().Var(m, "now", help) }

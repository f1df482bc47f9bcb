package cli

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
)

// The speed and the time left of a run that goes on with an earlier one are those of this run.
func TestTheEstimateDoesNotCountWhatWasDoneBefore(t *testing.T) {
	now := time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)
	var said bytes.Buffer
	m := &progressView{app: &app{env: Environment{Stderr: &said, Now: func() time.Time { return now }}}}
	show := m.line("Scheduling")
	show()
	require.Empty(t, said.String(), "nothing is known yet")
	now = now.Add(time.Minute) // the account was searched
	m.observe(migrate.Progress{Total: 1000, Before: 900, Done: 900})
	now = now.Add(10 * time.Second)
	m.observe(migrate.Progress{Total: 1000, Before: 900, Done: 920})
	show()
	require.Equal(t, "Scheduling: 920 of 1000, 2 rows/s, 40 s left\n", said.String())
}

// What is to be said while a bar is drawn waits for the bar to make room, and is said at the latest when it ends.
func TestNotesStandAboveTheBar(t *testing.T) {
	var said bytes.Buffer
	m := &progressView{app: &app{env: Environment{Stderr: &lockedWriter{w: &said}, Now: time.Now, Tty: Tty{Stderr: true}}}}
	m.note("before")
	end := m.start("Canceling")
	m.observe(migrate.Progress{Total: 10, Done: 4})
	m.note("no connection")
	end()
	m.note("after")
	require.Regexp(t, `(?s)^before\n.*no connection\n.*Canceling .*\(\d/10\).*\nafter\n$`, said.String())
}

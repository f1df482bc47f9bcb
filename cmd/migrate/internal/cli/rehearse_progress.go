package cli

import (
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/subferry/subferry/migrate/rehearse"
)

// rehearsalProgress shows how far a rehearsal has come: a bar for each stage on a terminal, a line now and then elsewhere.
type rehearsalProgress struct {
	app   *app
	stage rehearse.Stage
	bar   *progressbar.ProgressBar
	last  time.Time
}

// slowStart is how long a rehearsal may take before it says anything off a terminal: most are over by then.
const slowStart = lineEvery

func (s *session) startProgress() *rehearsalProgress {
	return &rehearsalProgress{app: s.app, last: s.env.Now()}
}

// stageWords say what a stage does, and what it counts.
func stageWords(s rehearse.Stage) (does, counts string) {
	switch s {
	case rehearse.Scheduling:
		return "Scheduling", "rows"
	case rehearse.Billing:
		return "Billing", "days"
	}
	return "Comparing", "rows"
}

func (s *rehearsalProgress) observe(p rehearse.Progress) {
	does, counts := stageWords(p.Stage)
	switch now := s.app.env.Now(); {
	case s.app.env.Tty.Stderr:
		s.draw(p, does+" "+counts)
	case now.Sub(s.last) >= slowStart && p.Total > 0:
		s.last = now
		s.app.say("%s: %d of %d %s", does, p.Done, p.Total, counts)
	}
}

// draw moves the bar, and begins a new one with each stage.
func (s *rehearsalProgress) draw(p rehearse.Progress, what string) {
	if s.bar == nil || s.stage != p.Stage {
		s.close()
		s.stage = p.Stage
		s.bar = progressbar.NewOptions64(max(1, p.Total), progressbar.OptionSetWriter(s.app.env.Stderr), progressbar.OptionSetDescription(what),
			progressbar.OptionSetWidth(24), progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true),
			progressbar.OptionThrottle(barEvery/2), progressbar.OptionUseANSICodes(s.app.env.OS != "windows"))
	}
	// The bar's only error is a number above its maximum, which leaves it as it is.
	_ = s.bar.Set64(min(p.Done, p.Total))
}

// close ends the bar.
func (s *rehearsalProgress) close() {
	if s.bar != nil {
		_ = s.bar.Exit()
		s.app.say("")
	}
}

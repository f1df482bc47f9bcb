package cli

import (
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/subferry/subferry/migrate/rehearse"
)

// rehearsalProgress shows how far a rehearsal has come: a bar for each stage on a terminal, a line now and then
// elsewhere.
type rehearsalProgress struct {
	app   *app
	stage rehearse.Stage
	bar   *progressbar.ProgressBar
	last  time.Time
}

// slowStart is after how long a rehearsal reports its progress in lines, off a terminal: most are over by then.
const slowStart = lineEvery

// observe takes a report.
func (s *rehearsalProgress) observe(p rehearse.Progress) {
	does, counts := "Comparing", "rows"
	switch p.Stage {
	case rehearse.Scheduling:
		does = "Scheduling"
	case rehearse.Billing:
		does, counts = "Billing", "days"
	}
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
		s.bar = s.app.newBar(max(1, p.Total), what, true)
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

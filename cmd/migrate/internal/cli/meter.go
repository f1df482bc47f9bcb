package cli

import (
	"fmt"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/subferry/subferry/migrate"
)

// How often progress is shown: often enough to move on a terminal, seldom enough not to fill a log.
const (
	barEvery  = 100 * time.Millisecond
	lineEvery = 5 * time.Second
)

// meter shows how far a run or a cancel has come. It is told from many goroutines and shows from one.
type meter struct {
	app *app

	mu    sync.Mutex
	last  migrate.Progress
	first int64 // done when the first report came, by earlier runs
	seen  bool
	began time.Time
}

// observe takes a report.
func (m *meter) observe(p migrate.Progress) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.seen {
		m.seen, m.first = true, max(0, p.Done-1)
	}
	if p.Done >= m.last.Done {
		m.last = p
	}
}

// start shows progress until the returned function is called.
func (m *meter) start(what string) (end func()) {
	m.began = m.app.env.Now()
	every, show, finish := lineEvery, m.line(what), func() {}
	if m.app.env.Tty.Stderr {
		bar := m.bar(what)
		every, show = barEvery, func() { m.draw(bar, what) }
		finish = func() {
			show()
			_ = bar.Exit() // it only stops drawing
			m.app.say("")
		}
	}
	done, idle := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(idle)
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				show()
			case <-done:
				return
			}
		}
	}()
	return func() { close(done); <-idle; finish() }
}

// now returns the last report and the rows a second since the beginning; ok is false before the first report.
func (m *meter) now() (p migrate.Progress, speed float64, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if seconds := m.app.env.Now().Sub(m.began).Seconds(); seconds > 0 {
		speed = float64(m.last.Done-m.first) / seconds
	}
	return m.last, speed, m.seen
}

// line shows progress as lines for a log.
func (m *meter) line(what string) func() {
	return func() {
		p, speed, ok := m.now()
		if !ok {
			return
		}
		if waits := m.waits(p); waits != "" {
			m.app.say("%s", waits)
			return
		}
		left := ""
		if speed > 0 && p.Total > p.Done {
			left = ", " + span(time.Duration(float64(p.Total-p.Done)/speed*float64(time.Second))) + " left"
		}
		m.app.say("%s: %d of %d, %s%s", what, p.Done, p.Total, details(p, speed), left)
	}
}

// waits says why nothing moves; "" while something does.
func (m *meter) waits(p migrate.Progress) string {
	if !m.app.env.Now().Before(p.WaitsUntil) {
		return ""
	}
	return "Waiting until " + p.WaitsUntil.Local().Format("15:04:05") + " for requests that the interrupted run may have left under way"
}

// details says how fast it goes, and what goes wrong.
func details(p migrate.Progress, speed float64) string {
	text := fmt.Sprintf("%.0f rows/s", speed)
	if p.Limited {
		text += fmt.Sprintf(", account's limit %.0f/s", p.Rate)
	}
	if p.Retries > 0 {
		text += fmt.Sprintf(", %d retries", p.Retries)
	}
	if p.Failed > 0 {
		text += fmt.Sprintf(", %d failed", p.Failed)
	}
	return text
}

// bar returns the bar for a terminal, which counts the time left by itself.
func (m *meter) bar(what string) *progressbar.ProgressBar {
	return progressbar.NewOptions64(1, progressbar.OptionSetWriter(m.app.env.Stderr), progressbar.OptionSetDescription(what),
		progressbar.OptionSetWidth(24), progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(barEvery/2), progressbar.OptionUseANSICodes(m.app.env.OS != "windows"))
}

func (m *meter) draw(bar *progressbar.ProgressBar, what string) {
	p, speed, ok := m.now()
	if !ok {
		return
	}
	bar.ChangeMax64(p.Total) // first, for Describe draws
	if waits := m.waits(p); waits != "" {
		bar.Describe(waits)
		return
	}
	bar.Describe(what + " " + details(p, speed))
	// The bar's only error is a number above its maximum, which leaves it as it is.
	_ = bar.Set64(min(p.Done, p.Total))
}

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

// progressView shows how far a run, a cancel or a release has come. It is told from many goroutines and shows from one.
type progressView struct {
	app *app

	mu    sync.Mutex
	last  migrate.Progress
	seen  bool
	began time.Time // when the first report came

	drawing bool     // a bar stands on the last line of the terminal
	notes   []string // messages that are printed above the bar when it is drawn next
}

// observe takes a report.
func (m *progressView) observe(p migrate.Progress) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.seen {
		m.seen, m.began = true, m.app.env.Now()
	}
	if p.Done >= m.last.Done {
		m.last = p
	}
}

// start shows progress until the returned function is called.
func (m *progressView) start(what string) (end func()) {
	every, show, finish := lineEvery, m.line(what), func() {}
	if m.app.env.Tty.Stderr {
		bar := m.app.newBar(1, what, false) // it would count what earlier runs have done as done by this one
		every, show = barEvery, func() { m.draw(bar, what) }
		finish = func() {
			show()
			_ = bar.Exit() // it only stops drawing
			m.app.say("")
			m.draws(false)
		}
		m.draws(true)
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

// note prints a message: at once, or above the bar when that is drawn next.
func (m *progressView) note(text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.drawing {
		m.notes = append(m.notes, text)
		return
	}
	m.app.say("%s", text)
}

// draws remembers whether a bar is on the screen.
func (m *progressView) draws(drawing bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drawing = drawing
}

// noted returns the messages that wait, and forgets them.
func (m *progressView) noted() (notes []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	notes, m.notes = m.notes, nil
	return notes
}

// now returns the last report and the rows a second since the first one, without those that an earlier run has done; ok
// is false before the first report.
func (m *progressView) now() (p migrate.Progress, speed float64, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if seconds := m.app.env.Now().Sub(m.began).Seconds(); m.seen && seconds > 0 {
		speed = float64(m.last.Done-m.last.Before) / seconds
	}
	return m.last, speed, m.seen
}

// line shows progress as lines for a log.
func (m *progressView) line(what string) func() {
	return func() {
		p, speed, ok := m.now()
		if !ok {
			return
		}
		if waits := m.waits(p); waits != "" {
			m.app.say("%s", waits)
			return
		}
		m.app.say("%s: %d of %d, %s", what, p.Done, p.Total, details(p, speed))
	}
}

// waits says what a run waits for before its first request, or "".
func (m *progressView) waits(p migrate.Progress) string {
	if !m.app.env.Now().Before(p.WaitsUntil) {
		return ""
	}
	return "Waiting until " + p.WaitsUntil.Local().Format("15:04:05") + " for requests that the interrupted run may have left under way"
}

// details says how fast it goes, for how long still, and what goes wrong.
func details(p migrate.Progress, speed float64) string {
	text := fmt.Sprintf("%.0f rows/s", speed)
	if speed > 0 && p.Total > p.Done {
		text += ", " + span(time.Duration(float64(p.Total-p.Done)/speed*float64(time.Second))) + " left"
	}
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

// newBar returns a progress bar for a terminal. predicts says whether it shows the time left.
func (a *app) newBar(total int64, what string, predicts bool) *progressbar.ProgressBar {
	return progressbar.NewOptions64(total, progressbar.OptionSetWriter(a.env.Stderr), progressbar.OptionSetDescription(what),
		progressbar.OptionSetWidth(24), progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(predicts),
		progressbar.OptionThrottle(barEvery/2), progressbar.OptionUseANSICodes(a.env.OS != "windows"))
}

func (m *progressView) draw(bar *progressbar.ProgressBar, what string) {
	if notes := m.noted(); len(notes) > 0 {
		_ = bar.Clear() // an error of the terminal comes again with the next message
		for _, text := range notes {
			m.app.say("%s", text)
		}
	}
	p, speed, ok := m.now()
	if !ok {
		return
	}
	bar.ChangeMax64(p.Total) // first, because Describe draws
	if waits := m.waits(p); waits != "" {
		bar.Describe(waits)
		return
	}
	bar.Describe(what + " " + details(p, speed))
	// The bar's only error is a number above its maximum, which leaves it as it is.
	_ = bar.Set64(min(p.Done, p.Total))
}

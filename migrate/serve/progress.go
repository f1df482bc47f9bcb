package serve

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"time"

	"github.com/subferry/subferry/migrate/serve/jobs"
	"github.com/subferry/subferry/migrate/serve/page"
	"github.com/subferry/subferry/migrate/serve/store"
)

// How often a stream of progress looks, and how long it is silent at most: proxies close connections that are silent, and
// browsers do not notice that they are.
const (
	look      = time.Second
	heartbeat = 15 * time.Second
	longest   = 30 * time.Minute // then the browser connects again, and its session is looked at again
)

// progressView is how far a migration has come, in numbers and in the reader's words.
type progressView struct {
	State   store.State `json:"state"`
	Version int64       `json:"version"`
	jobs.Progress
	Text map[string]string `json:"text"`
}

// progress asks the engine how far a move has come.
func (s *Server) progress(r *http.Request, m store.Move) (*progressView, error) {
	now, err := s.Engine.Progress(r.Context(), m)
	if err != nil {
		return nil, err
	}
	v := &progressView{State: m.State, Version: m.Version, Progress: now, Text: map[string]string{
		"done": s.text(r, "%d of %d rows", now.Done, now.Total), "failed": "", "rate": "", "left": "",
	}}
	if now.Failed > 0 {
		v.Text["failed"] = s.text(r, "%d rows were refused by Stripe", now.Failed)
	}
	if now.Rate > 0 {
		v.Text["rate"] = s.text(r, "%.1f rows a second", now.Rate)
		if left := now.Total - now.Done; left > 0 {
			v.Text["left"] = page.Left(func(key string, args ...any) string { return s.text(r, key, args...) },
				time.Duration(float64(left)/now.Rate*float64(time.Second)))
		}
	}
	return v, nil
}

// showProgress returns how far a migration has come, as JSON.
func (s *Server) showProgress(w http.ResponseWriter, r *http.Request) error {
	m, err := s.Store.Move(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	now, err := s.progress(r, m)
	if err == nil {
		s.writeJSON(w, http.StatusOK, now)
	}
	return err
}

// streamProgress sends how far a migration has come, as long as that changes. The ID of each event stands for what it says:
// a browser that comes back is sent only what it does not know. When the migration comes to stand otherwise, the page is
// told to read itself again.
func (s *Server) streamProgress(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	m, err := s.Store.Move(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	select {
	case s.streams <- struct{}{}:
		defer func() { <-s.streams }()
	default:
		return &fault{status: http.StatusServiceUnavailable, code: "busy", message: "Too many pages are watching at this moment.", fix: "Reload the page from time to time."}
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no") // nginx would keep events back
	out := &patiently{w, http.NewResponseController(w), s.Machine}
	began, spoke := s.Machine(), s.Machine()
	shown, known := m.State, r.Header.Get("Last-Event-ID")
	if state := r.URL.Query().Get("state"); state != "" { // what the page shows, which may be older
		shown = store.State(state)
	}
	if _, err := io.WriteString(out, "retry: 2000\n\n"); err != nil {
		return nil
	}
	for s.Machine().Sub(began) < longest {
		if m.State != shown {
			fmt.Fprintf(out, "event: changed\ndata: %q\n\n", string(m.State))
			return nil
		}
		now, err := s.progress(r, m)
		if err != nil {
			s.Log.WarnContext(ctx, "progress cannot be read", "error", err)
			return nil // the browser tries again
		}
		data, err := json.Marshal(now)
		if err != nil {
			return nil
		}
		sum := fnv.New64a()
		_, _ = sum.Write(data)
		if id := fmt.Sprintf("%x", sum.Sum64()); id != known {
			if _, err := fmt.Fprintf(out, "id: %s\nevent: progress\ndata: %s\n\n", id, data); err != nil {
				return nil
			}
			known, spoke = id, s.Machine()
		} else if s.Machine().Sub(spoke) >= heartbeat {
			if _, err := io.WriteString(out, ": still here\n\n"); err != nil {
				return nil
			}
			spoke = s.Machine()
		}
		if s.Clock.Sleep(ctx, look) != nil {
			return nil
		}
		if m, err = s.Store.Move(ctx, m.ID); err != nil {
			return nil
		}
	}
	return nil
}

// patiently writes what may take long as a whole, and may not stand still; each write leaves at once.
type patiently struct {
	w       io.Writer
	control *http.ResponseController
	now     func() time.Time
}

// Write implements io.Writer.
func (p *patiently) Write(b []byte) (int, error) {
	_ = p.control.SetWriteDeadline(p.now().Add(wait)) // where there is none, as in some tests, nothing waits
	n, err := p.w.Write(b)
	if err == nil {
		err = p.control.Flush()
	}
	return n, err
}

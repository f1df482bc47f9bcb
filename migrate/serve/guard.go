package serve

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/subferry/subferry/migrate/serve/access"
	"github.com/subferry/subferry/migrate/serve/health"
)

// policy lets a page load what comes from here, and nothing else: no script or style inside of pages, no frame around them, no
// form that leads elsewhere.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'"

// formTimeout is how long the body of a request may take that is no upload.
const formTimeout = 10 * time.Second

type requestKey struct{}

// requestID returns the ID of a request, by which the log tells of it.
func requestID(r *http.Request) string {
	id, _ := r.Context().Value(requestKey{}).(string)
	return id
}

// guard is around everything: the request's ID, the headers that keep browsers from helping an attacker, the check of Host,
// the log, and what is answered when something panics.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := "req_" + strings.ToLower(rand.Text()[:20])
		r = r.WithContext(health.With(context.WithValue(r.Context(), requestKey{}, id), slog.String("request", id)))
		h := w.Header()
		h.Set("X-Request-Id", id)
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
		h.Set("Cache-Control", "no-store")
		if s.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		began, recorded := s.Machine(), &health.Recorder{ResponseWriter: w}
		defer func() {
			if defect := recover(); defect != nil {
				s.Log.ErrorContext(r.Context(), "a request has panicked", "path", r.URL.Path, "defect", fmt.Sprint(defect), "stack", string(debug.Stack()))
				if recorded.Status == 0 {
					http.Error(recorded, "This has failed on our side; the log has it as "+id+".", http.StatusInternalServerError)
				}
			}
			s.Log.LogAttrs(r.Context(), level(recorded.Status), "request", slog.String("method", r.Method),
				slog.String("path", r.URL.Path), slog.Int("status", recorded.Status), slog.Duration("took", s.Machine().Sub(began)))
		}()
		if !slices.ContainsFunc(s.Hosts, func(known string) bool { return strings.EqualFold(known, r.Host) }) { // a name that was made to lead here does so for another site's page
			recorded.Header().Set("Content-Type", "text/plain; charset=utf-8")
			recorded.WriteHeader(http.StatusMisdirectedRequest)
			fmt.Fprintf(recorded, "This service does not go by the name %q: open the address that it has printed, or the one of --public-url.\n", r.Host)
			return
		}
		if r.Method != http.MethodGet { // who sends a body drop by drop holds a connection, whatever he is answered; uploads have more time
			_ = http.NewResponseController(recorded).SetReadDeadline(began.Add(formTimeout))
		}
		next.ServeHTTP(recorded, r)
	})
}

func level(status int) slog.Level {
	switch {
	case status >= http.StatusInternalServerError:
		return slog.LevelError
	case status >= http.StatusBadRequest:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// LoopbackHosts returns the names by which a browser on this machine calls a service that listens on this address.
func LoopbackHosts(listens net.Addr) []string {
	_, port, err := net.SplitHostPort(listens.String())
	if err != nil {
		return nil
	}
	var all []string
	for _, name := range []string{"127.0.0.1", "localhost", "::1"} {
		all = append(all, net.JoinHostPort(name, port))
		if port == "80" {
			all = append(all, name)
		}
	}
	return append(all, listens.String())
}

// named has the log's lines about a request name the migration of its path.
func named(r *http.Request) *http.Request {
	if id := r.PathValue("id"); id != "" {
		return r.WithContext(health.With(r.Context(), slog.String("migration", id)))
	}
	return r
}

// asked is a request that only looks.
func (s *Server) asked(role access.Role, do handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = named(r)
		err := s.need(r, role)
		if err == nil {
			err = do(w, r)
		}
		if err != nil {
			s.fail(w, r, err)
		}
	})
}

func (s *Server) need(r *http.Request, role access.Role) error {
	asked := []string{r.URL.Path}
	for _, values := range r.URL.Query() {
		asked = append(asked, values...)
	}
	if slices.ContainsFunc(asked, badText) {
		return &fault{status: http.StatusBadRequest, code: "text", message: "The address has characters that are no text.", fix: "Go back to the list of migrations."}
	}
	if p := access.From(r.Context()); !p.May(role) {
		return &fault{status: http.StatusForbidden, code: "role", message: "You are signed in as a %s, and this needs the role %s. Nothing was done.",
			args: []any{p.Role.String(), role.String()}, fix: "Ask a colleague who has the role, or whoever gives out roles."}
	}
	return nil
}

// wait is how long a request's body may stand still.
const wait = 30 * time.Second

// slowly is the body of a request that may take long as a whole, and may not stand still.
type slowly struct {
	body    interface{ Read([]byte) (int, error) }
	control *http.ResponseController
	now     func() time.Time
	end     time.Time
}

// Read implements io.Reader.
func (s *slowly) Read(p []byte) (int, error) {
	by := s.now().Add(wait)
	if by.After(s.end) {
		by = s.end
	}
	_ = s.control.SetReadDeadline(by) // where there is none, as in some tests, nothing waits
	return s.body.Read(p)
}

package serve

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"golang.org/x/text/language"

	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/serve/access"
	"github.com/subferry/subferry/migrate/serve/page"
	"github.com/subferry/subferry/migrate/serve/store"
)

// handler answers a request, or returns an error that is answered for it.
type handler func(w http.ResponseWriter, r *http.Request) error

// fault is an answer that says what is wrong and what to do about it. Its texts are keys of the page's catalogue, with
// args for the message.
type fault struct {
	status  int
	code    string
	message string
	args    []any
	fix     string
}

func (f *fault) Error() string { return fmt.Sprintf(f.message, f.args...) }

func notFound(message string) *fault {
	return &fault{status: http.StatusNotFound, code: "not_found", message: message, fix: "Go back to the list of migrations."}
}

// refused is a step that the move's state, or its file, does not allow.
func refused(code, message, fix string, args ...any) *fault {
	return &fault{status: http.StatusConflict, code: code, message: message, args: args, fix: fix}
}

// wrongField is a form that is not filled in as it must be.
func wrongField(code, message, fix string, args ...any) *fault {
	return &fault{status: http.StatusUnprocessableEntity, code: code, message: message, args: args, fix: fix}
}

// explain turns an error into what is answered; an error that nobody expected is logged and not shown.
func (s *Server) explain(r *http.Request, err error) *fault {
	var known *fault
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, store.ErrNotFound), errors.Is(err, ledger.ErrNotFound):
		return notFound("There is no such migration, or it has no such file.")
	case errors.Is(err, store.ErrTooLarge), errors.As(err, &large):
		return &fault{status: http.StatusRequestEntityTooLarge, code: "too_large", message: "The file is larger than %d MB, and nothing was kept of it.",
			args: []any{s.MaxUpload >> 20}, fix: "Divide it into several files, each with the header line."}
	}
	s.Log.ErrorContext(r.Context(), "a request has failed", "path", r.URL.Path, "error", err)
	return &fault{status: http.StatusInternalServerError, code: "failure", message: "This has failed on our side, and it was written to the log (request %s).",
		args: []any{requestID(r)}, fix: "Try again. Rows that were created are in the ledger, and are never created twice."}
}

// wantsJSON tells whether a program asks.
func wantsJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}

// fail answers with an error.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	f := s.explain(r, err)
	if f.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "10")
	}
	lang := s.language(r)
	if wantsJSON(r) {
		lang = language.English // programs compare codes, and logs are searched
	}
	shown := Fault{Code: f.code, Message: s.pages.Text(lang, f.message, f.args...), Fix: s.pages.Text(lang, f.fix), Status: f.status}
	if wantsJSON(r) {
		s.writeJSON(w, f.status, map[string]Fault{"error": shown})
		return
	}
	s.render(w, r, f.status, "error", page.Frame{Title: s.pages.Text(lang, "This did not work")}, shown)
}

// answer writes what was asked for: as a page, or as JSON.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, name string, f page.Frame, data any) error {
	if wantsJSON(r) {
		s.writeJSON(w, http.StatusOK, data)
		return nil
	}
	s.render(w, r, http.StatusOK, name, f, data)
	return nil
}

func (s *Server) writeJSON(w http.ResponseWriter, status int, data any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(data) // the connection is gone when it fails
}

// render draws a page in the reader's language.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, name string, f page.Frame, data any) {
	p := access.From(r.Context())
	f.Lang, f.Path, f.Now = s.language(r), r.URL.RequestURI(), s.Clock.Now()
	f.Leave = p.ID != ""
	if r.Method != http.MethodGet || strings.HasPrefix(f.Path, "/login") { // which has secrets in its query
		f.Path = "/"
	}
	if s.door.Roles() && p.ID != "" {
		f.Person, f.Role = p.Name, p.Role.String()
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Vary", "Accept, Accept-Language, Cookie")
	text, err := s.pages.Render(name, f, data)
	if err != nil {
		s.Log.ErrorContext(r.Context(), "a page cannot be drawn", "page", name, "error", err)
		http.Error(w, "The page cannot be drawn; the log says why.", http.StatusInternalServerError)
		return
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

// languageCookie remembers which language was chosen. It says nothing about anybody.
const languageCookie = "subferry_language"

func (s *Server) language(r *http.Request) language.Tag {
	chosen := ""
	if c, err := r.Cookie(languageCookie); err == nil {
		chosen = c.Value
	}
	return s.pages.Language(chosen, r.Header.Get("Accept-Language"))
}

// text returns one of the page's sentences in the reader's language.
func (s *Server) text(r *http.Request, key string, args ...any) string {
	return s.pages.Text(s.language(r), key, args...)
}

func (s *Server) chooseLanguage(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	lang := s.pages.Language(r.FormValue("to"), "")
	http.SetCookie(w, &http.Cookie{Name: languageCookie, Value: lang.String(), Path: "/", MaxAge: 365 * 24 * 3600, SameSite: http.SameSiteLaxMode, HttpOnly: true, Secure: s.Secure})
	http.Redirect(w, r, access.LocalPath(r.FormValue("back")), http.StatusSeeOther)
}

// showScreen writes what package access has to say.
func (s *Server) showScreen(w http.ResponseWriter, r *http.Request, status int, screen access.Screen, next string) {
	if wantsJSON(r) && status >= http.StatusBadRequest {
		s.writeJSON(w, status, map[string]Fault{"error": {Code: string(screen), Message: "Nobody has signed in, or is not allowed to: " + string(screen) + ".",
			Fix: "Sign in with a browser, or send the cookie of a session.", Status: status}})
		return
	}
	f := page.Frame{Title: s.text(r, "Sign in")}
	if screen == access.SignedIn {
		f.GoTo = next
	}
	s.render(w, r, status, "screen", f, map[string]any{"Screen": string(screen), "Next": next, "Provider": s.Provider != nil})
}

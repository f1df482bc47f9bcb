package access

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
)

// How long somebody stays signed in: all in all, and without doing anything.
const (
	lifetime = 12 * time.Hour
	idle     = 2 * time.Hour
)

// Screen is a page that says something about signing in.
type Screen string

// The screens.
const (
	SignIn     Screen = "sign_in"     // nobody has signed in, and the page says how to
	WrongToken Screen = "wrong_token" // the address was used before, or is not the one that was printed
	SignedIn   Screen = "signed_in"   // goes on to the page that was asked for
	SignedOut  Screen = "signed_out"
	NoRole     Screen = "no_role"      // the provider knows the person, and the service has no role for him
	ProviderNo Screen = "provider_no"  // the provider has refused, or its answer is not right
	Failed     Screen = "sign_in_down" // sessions cannot be read or written
)

// Config is what a Door is made of.
type Config struct {
	Sessions scs.CtxStore // where sessions are kept; all processes of a service share it
	Cookie   string       // name of the session's cookie; where Secure is set, __Host- is put in front of it
	Secure   bool         // cookies go over HTTPS only
	Token    *Token       // opens the service where there is no provider; nil where there is one
	Provider *Provider    // nil where Token is the way in
	Log      *slog.Logger

	// Arrived is told of everybody who has signed in, before he is let in; nil tells nobody.
	Arrived func(ctx context.Context, p Person) error
	// Show writes one of the screens; next is the path to go on to.
	Show func(w http.ResponseWriter, r *http.Request, status int, s Screen, next string)
}

// Door lets people in, and remembers them in a session.
type Door struct {
	Config
	sessions *scs.SessionManager
}

// New returns a door.
func New(c Config) (*Door, error) {
	if (c.Token == nil) == (c.Provider == nil) {
		return nil, errors.New("access: exactly one of a token and a provider is needed")
	}
	m := scs.New() // its own store has a timer that nobody ends, but for this one
	m.Store, m.HashTokenInStore = c.Sessions, true
	m.Lifetime, m.IdleTimeout = lifetime, idle
	m.Cookie.Name, m.Cookie.Secure = c.Cookie, c.Secure
	m.Cookie.SameSite, m.Cookie.Persist = http.SameSiteStrictMode, false
	if c.Secure {
		m.Cookie.Name = "__Host-" + c.Cookie
	}
	d := &Door{Config: c, sessions: m}
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		c.Log.ErrorContext(r.Context(), "sessions cannot be read or written", "error", err)
		c.Show(w, r, http.StatusServiceUnavailable, Failed, "/")
	}
	return d, nil
}

// Roles tells whether people have different roles, so that a second person has to approve.
func (d *Door) Roles() bool { return d.Provider != nil }

// Handler answers /login, /login/callback and /logout, and hands everything else to next, with the Person in the context
// of the request. Who has not signed in gets no further: a page says how to, and 401 tells programs.
func (d *Door) Handler(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	if d.Provider != nil {
		mux.HandleFunc("GET /login", d.begin)
		mux.HandleFunc("GET /login/callback", d.callback)
	} else {
		mux.HandleFunc("GET /login", d.token)
	}
	mux.HandleFunc("POST /logout", d.logout)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		p, ok := d.person(r)
		if ok {
			next.ServeHTTP(w, r.WithContext(With(r.Context(), p)))
			return
		}
		there := "/"
		if r.Method == http.MethodGet {
			there = r.URL.RequestURI()
		}
		switch {
		case there != "/" && r.Header.Get("Sec-Fetch-Site") == "cross-site" && wantsPage(r):
			// Somebody has followed a link from another site, with which the strict cookie is not sent: our own page goes
			// on to the same address, and then it is.
			d.Show(w, r, http.StatusOK, SignedIn, there)
		case d.Provider != nil && r.Method == http.MethodGet && wantsPage(r):
			http.Redirect(w, r, "/login?next="+url.QueryEscape(there), http.StatusSeeOther)
		default:
			d.Show(w, r, http.StatusUnauthorized, SignIn, there)
		}
	})
	return d.sessions.LoadAndSave(mux)
}

func wantsPage(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

// person returns whose session it is.
func (d *Door) person(r *http.Request) (Person, bool) {
	ctx := r.Context()
	role, err := ParseRole(d.sessions.GetString(ctx, "role"))
	p := Person{ID: d.sessions.GetString(ctx, "id"), Name: d.sessions.GetString(ctx, "name"), Role: role}
	return p, err == nil && p.ID != ""
}

// admit begins a session, and goes on to a path with a page of our own: a redirect would still count as coming from the
// site that led here, and the strict cookie would not be sent with it.
func (d *Door) admit(w http.ResponseWriter, r *http.Request, p Person, next string) {
	ctx := r.Context()
	if d.Arrived != nil {
		if err := d.Arrived(ctx, p); err != nil {
			d.sessions.ErrorFunc(w, r, err)
			return
		}
	}
	if err := d.sessions.RenewToken(ctx); err != nil {
		d.sessions.ErrorFunc(w, r, err)
		return
	}
	d.sessions.Put(ctx, "id", p.ID)
	d.sessions.Put(ctx, "name", p.Name)
	d.sessions.Put(ctx, "role", p.Role.String())
	d.Log.InfoContext(ctx, "signed in", "person", p.ID, "role", p.Role.String())
	d.Show(w, r, http.StatusOK, SignedIn, LocalPath(next))
}

// token lets in whoever has the address that was printed. What fetches pages before anybody asks for them does not use it up.
func (d *Door) token(w http.ResponseWriter, r *http.Request) {
	text := r.URL.Query().Get("token")
	switch _, in := d.person(r); {
	case in:
		d.Show(w, r, http.StatusOK, SignedIn, "/")
	case text == "":
		d.Show(w, r, http.StatusUnauthorized, SignIn, "/")
	case r.Method != http.MethodGet || r.Header.Get("Sec-Purpose") != "" || r.Header.Get("Purpose") != "":
		w.WriteHeader(http.StatusNoContent)
	case !d.Token.Use(text):
		d.Log.WarnContext(r.Context(), "an address was opened whose token is wrong, or was used before", "remote", r.RemoteAddr)
		d.Show(w, r, http.StatusUnauthorized, WrongToken, "/")
	default:
		d.admit(w, r, Person{ID: Local, Name: Local, Role: Approver}, "/")
	}
}

func (d *Door) logout(w http.ResponseWriter, r *http.Request) {
	if p, ok := d.person(r); ok {
		d.Log.InfoContext(r.Context(), "signed out", "person", p.ID)
	}
	if err := d.sessions.Destroy(r.Context()); err != nil {
		d.sessions.ErrorFunc(w, r, err)
		return
	}
	d.Show(w, r, http.StatusOK, SignedOut, "/")
}

// LocalPath returns a path of our own to go on to, and / for anything that a browser could take for another site.
func LocalPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(next, "/") ||
		strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") || strings.HasPrefix(u.Path, "/login") {
		return "/"
	}
	return next
}

// Package serve is the service: pages for people and an API for programs, with the same handlers. It wires the rooms below
// it, and never decides about a row: that is done by the packages that the program calls too, in jobs.
package serve

import (
	"context"
	"embed"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/serve/access"
	"github.com/subferry/subferry/migrate/serve/health"
	"github.com/subferry/subferry/migrate/serve/jobs"
	"github.com/subferry/subferry/migrate/serve/page"
	"github.com/subferry/subferry/migrate/serve/store"
)

//go:embed openapi.json
var description embed.FS

// Engine does what moves call for. *jobs.Engine is one.
type Engine interface {
	// Wake sees that there is a job for what the move's state calls for.
	Wake(ctx context.Context, move string) error
	// Act queues an act that only reads.
	Act(ctx context.Context, move, kind, actor string) (store.Act, error)
	// Progress returns how far the jobs of a move have come. It is asked every second, and cheap.
	Progress(ctx context.Context, m store.Move) (jobs.Progress, error)
}

// Accounts are those that files may go to.
type Accounts interface {
	List(ctx context.Context) ([]Account, error)
}

// Config is what a Server is made of.
type Config struct {
	Store    *store.Store
	Ledger   ledger.Ledger
	Engine   Engine
	Accounts Accounts
	Clock    migrate.Clock
	Machine  func() time.Time // the machine's clock, by which connections time out; Clock may be another one
	Log      *slog.Logger

	Hosts     []string // what a request's Host may be, with its port; see LoopbackHosts
	PublicURL string   // how browsers reach the service: https://move.example.com
	Secure    bool     // browsers reach it over HTTPS only
	Cookie    string   // name of the cookies, which ports of one machine share
	Token     *access.Token
	Provider  *access.Provider
	MaxUpload int64 // bytes; 0 is MaxUpload

	// Handlers of other packages; nil is 404. They are outside of sessions and of the check of the origin, and answer for
	// their own access.
	Webhooks http.Handler // /webhooks/
	App      http.Handler // /app/
	OAuth    http.Handler // /oauth/
	Health   http.Handler // /healthz, /readyz and /metrics
}

// MaxUpload is how many bytes an uploaded file may have: as many as Stripe's toolkit takes.
const MaxUpload = 120 << 20

// Server answers requests.
type Server struct {
	Config
	door    *access.Door
	pages   *page.Pages
	uploads chan struct{} // holds one for each upload under way
	streams chan struct{} // holds one for each stream of progress
	api     []byte
}

// At most so many uploads and streams of progress at once: each holds a connection for long.
const (
	maxUploads = 8
	maxStreams = 256
)

// New returns a server.
func New(c Config) (*Server, error) {
	if len(c.Hosts) == 0 {
		return nil, errors.New("serve: no host is allowed")
	}
	if c.MaxUpload == 0 {
		c.MaxUpload = MaxUpload
	}
	s := &Server{Config: c, uploads: make(chan struct{}, maxUploads), streams: make(chan struct{}, maxStreams)}
	var err error
	if s.api, err = description.ReadFile("openapi.json"); err != nil {
		return nil, err
	}
	if s.pages, err = page.New(); err != nil {
		return nil, err
	}
	s.door, err = access.New(access.Config{
		Sessions: c.Store.Sessions(), Cookie: c.Cookie, Secure: c.Secure, Token: c.Token, Provider: c.Provider, Log: c.Log,
		Arrived: func(ctx context.Context, p access.Person) error { return c.Store.PutPerson(ctx, p.ID, p.Name) },
		Show:    s.showScreen,
	})
	return s, err
}

// Handler returns the handler of all paths.
func (s *Server) Handler() http.Handler {
	inside := http.NewServeMux()
	s.routes(inside)
	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, &fault{status: http.StatusForbidden, code: "cross_origin",
			message: "This request came from another site, and nothing was done.", fix: "Open the page itself and try again there."})
	}))
	pages := origin.Handler(s.door.Handler(health.Routed(inside)))

	mux := http.NewServeMux()
	mux.HandleFunc("GET /static/", s.pages.Static)
	mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(s.api)
	})
	mux.HandleFunc("POST /language", s.chooseLanguage)
	mux.Handle("/", pages)
	for path, h := range map[string]http.Handler{"/webhooks/": s.Webhooks, "/app/": s.App, "/oauth/": s.OAuth} {
		if h != nil {
			mux.Handle(path, h)
		}
	}
	if s.OAuth != nil {
		mux.Handle("GET /oauth/connect", s.door.Handler(s.OAuth)) // the one step of it that asks who somebody is
	}
	guarded := s.guard(health.Routed(mux))
	if s.Health == nil {
		return guarded
	}
	// Whoever asks whether the service is well has an address and no name: Host is not checked.
	outer := http.NewServeMux()
	outer.Handle("/", guarded)
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		outer.Handle("GET "+path, s.Health)
	}
	return outer
}

// routes are the paths for people who have signed in.
func (s *Server) routes(mux *http.ServeMux) {
	get := func(path string, role access.Role, do handler) { mux.Handle("GET "+path, s.asked(role, do)) }
	post := func(path, action string, role access.Role, do handler) {
		mux.Handle("POST "+path, s.acted(action, role, do))
	}

	get("/{$}", access.Viewer, s.listMoves)
	get("/moves", access.Viewer, s.listMoves)
	get("/new", access.Operator, s.newMove)
	get("/moves/{id}", access.Viewer, s.showMove)
	get("/moves/{id}/findings", access.Viewer, s.listFindings)
	get("/moves/{id}/plan", access.Viewer, s.listCharges)
	get("/moves/{id}/rows", access.Viewer, s.listRows)
	get("/moves/{id}/progress", access.Viewer, s.showProgress)
	get("/moves/{id}/events", access.Viewer, s.streamProgress)
	get("/moves/{id}/files/{name}", access.Viewer, s.sendFile)
	get("/audit", access.Viewer, s.listAudit)
	get("/accounts", access.Viewer, s.listAccounts)
	get("/", access.Viewer, func(http.ResponseWriter, *http.Request) error { return notFound("There is no such page.") })

	post("/moves", "upload", access.Operator, s.upload)
	for _, step := range steps() {
		post("/moves/{id}/"+step.name, step.name, step.role, s.step(step))
	}
	post("/moves/{id}/acts/{kind}", "act", access.Operator, s.act)
	mux.Handle("/", s.asked(access.Viewer, func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Allow", "GET, HEAD, POST")
		return &fault{status: http.StatusMethodNotAllowed, code: "method", message: "There is no such method here, and nothing was done.", fix: "Use GET to look and POST to change something, as openapi.json describes."}
	}))
	mux.Handle("POST /", s.acted("unknown", access.Viewer, func(http.ResponseWriter, *http.Request) error {
		return notFound("There is no such page.")
	}))
}

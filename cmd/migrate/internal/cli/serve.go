package cli

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/serve"
	"github.com/subferry/subferry/migrate/serve/access"
	"github.com/subferry/subferry/migrate/serve/accounts"
	"github.com/subferry/subferry/migrate/serve/health"
	"github.com/subferry/subferry/migrate/serve/jobs"
	"github.com/subferry/subferry/migrate/serve/store"
	"github.com/subferry/subferry/migrate/serve/webhooks"
)

// serviceFlags are the flags of migrate serve.
type serviceFlags struct {
	state     stateFlag
	now       timeFlag
	addr      string
	publicURL string
	cert, key string
	keys      string
	apiBase   string
	sandbox   bool
	live      bool
	noWork    bool
	maxRate   float64
	oidc      oidcFlags
}

// oidcFlags name the provider at which people sign in.
type oidcFlags struct {
	issuer, client, claim string
	roles                 []string
	scopes                []string
}

// The secret of the client at the provider, or a file with it.
const (
	oidcSecretVariable     = "OIDC_CLIENT_SECRET"
	oidcSecretFileVariable = "OIDC_CLIENT_SECRET_FILE"
)

// serviceCommand serves the pages and the API.
func (a *app) serviceCommand() *cobra.Command {
	var f serviceFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve pages on which files are uploaded, reviewed, approved, run and canceled, and an API",
		Long: `Serves pages in a browser: upload a file, see what is wrong with it and what would be charged, start it, watch it, and
cancel it until the deadline. Programs get the same as JSON; /openapi.json describes it.

Without more it listens on this computer only, and prints an address with a token that opens it once. On any other
address people have to sign in: --oidc-issuer names an OpenID Connect provider, and --oidc-role says which values of its
claim make somebody a viewer, an operator (uploads, starts, cancels) or an approver (approves what others have started).
The client's secret is read from OIDC_CLIENT_SECRET, or from the file that OIDC_CLIENT_SECRET_FILE names.

With --sandbox it works in the embedded sandbox. With --keys the accounts are those whose keys lie in a directory, each in
a file named after its account that only you can read; those of live mode are used only with --live. Several services and
migrate worker share their work in the Postgres database that DATABASE_URL names.

/healthz and /readyz answer probes. /metrics is open where only this machine reaches the service, and elsewhere to whoever
has the token in the file that METRICS_TOKEN_FILE names.

Ctrl-C finishes the requests that are in flight; what is left goes on when the service is started again.`,
		Example: `  migrate serve --sandbox
  migrate serve --keys /etc/subferry/keys --live
  migrate serve --addr :8443 --tls-cert cert.pem --tls-key key.pem --public-url https://move.example.com --keys keys --live \
    --oidc-issuer https://login.example.com --oidc-client-id subferry --oidc-role-claim groups \
    --oidc-role viewer=finance --oidc-role operator=billing --oidc-role approver=controllers`,
		Args: noArguments,
		RunE: a.asRunE(func(ctx context.Context, _ []string) error { return a.service(ctx, f) }),
	}
	f.state.add(cmd)
	f.now.add(cmd, "begin at this time, RFC 3339 or Unix seconds (embedded sandbox only)")
	flags := cmd.Flags()
	flags.StringVar(&f.addr, "addr", "127.0.0.1:8080", "listen on `ADDRESS`; port 0 takes any")
	flags.StringVar(&f.publicURL, "public-url", "", "the `URL` by which browsers reach the service, when that is another one: https://move.example.com")
	flags.StringVar(&f.cert, "tls-cert", "", "speak TLS with the certificate in `FILE`")
	flags.StringVar(&f.key, "tls-key", "", "the certificate's private key in `FILE`")
	flags.StringVar(&f.keys, "keys", "", "the accounts whose keys lie in `DIR`, in files named acct_…")
	flags.StringVar(&f.apiBase, "api-base", "", "work with the server at `URL`, which speaks Stripe's API (https, or http on this machine)")
	flags.BoolVar(&f.sandbox, "sandbox", false, "without --keys, work in the embedded sandbox; with them, test keys work with start dates 1 hour ahead")
	flags.BoolVar(&f.live, "live", false, "use the keys of live mode as well: real customers, real money")
	flags.BoolVar(&f.noWork, "no-work", false, "serve only: migrate worker does the work, with the same DATABASE_URL")
	flags.Float64Var(&f.maxRate, "max-rate", 0, "send at most `N` requests a second to each account (default: as many as the account allows)")
	flags.StringVar(&f.oidc.issuer, "oidc-issuer", "", "people sign in at the OpenID Connect provider at `URL`")
	flags.StringVar(&f.oidc.client, "oidc-client-id", "", "the `ID` that the service has at the provider")
	flags.StringVar(&f.oidc.claim, "oidc-role-claim", "groups", "the `CLAIM` whose values name roles; realm_access.roles looks inside of another one")
	flags.StringArrayVar(&f.oidc.roles, "oidc-role", nil, "`ROLE=VALUE`: whoever's claim has the value is a viewer, operator or approver (may be repeated)")
	flags.StringSliceVar(&f.oidc.scopes, "oidc-scope", nil, "ask the provider for `SCOPE` too, besides openid, profile and email")
	cmd.MarkFlagsRequiredTogether("tls-cert", "tls-key")
	return cmd
}

// check refuses what does not go together.
func (f serviceFlags) check() error {
	host, _, err := net.SplitHostPort(f.addr)
	if err != nil {
		return &usageError{fmt.Sprintf("--addr %s: expected HOST:PORT, as in 127.0.0.1:8080: %v", f.addr, err)}
	}
	switch {
	case f.maxRate < 0:
		return &usageError{"--max-rate must not be negative"}
	case !f.now.IsZero() && (f.keys != "" || !f.sandbox):
		return &refusal{"now_against_stripe", "--now works only with the embedded sandbox, because Stripe goes by its own clock: leave --now out, or say --sandbox without --keys"}
	case !f.sandbox && f.keys == "":
		return &refusal{"no_key", "there is no account to work in: name a directory of keys with --keys DIR, or say --sandbox to work in the embedded sandbox"}
	case f.keys == "" && f.live:
		return &refusal{"no_key", "--live needs keys of live mode: name their directory with --keys DIR"}
	case f.oidc.issuer == "" && (!loopback(host) || f.publicURL != ""):
		return &refusal{"open_to_others", fmt.Sprintf("other machines could reach %s, and nobody would have to sign in: name an OpenID Connect provider with "+
			"--oidc-issuer, --oidc-client-id and --oidc-role, or listen on 127.0.0.1", cmp.Or(f.publicURL, f.addr))}
	case f.oidc.issuer != "" && (f.oidc.client == "" || len(f.oidc.roles) == 0):
		return &usageError{"--oidc-issuer needs --oidc-client-id, and at least one --oidc-role ROLE=VALUE: without a role nobody can sign in"}
	case f.oidc.issuer != "" && !loopback(host) && f.cert == "" && !strings.HasPrefix(f.publicURL, "https://"):
		return &refusal{"no_tls", "other machines would send their sessions in the clear: give a certificate with --tls-cert and --tls-key, or say with " +
			"--public-url https://… that a proxy in front of the service speaks TLS"}
	}
	if f.publicURL != "" {
		u, err := url.Parse(f.publicURL)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
			return &usageError{"--public-url " + f.publicURL + ": expected https://HOST without a path"}
		}
	}
	return nil
}

// loopback tells whether only this computer reaches an address.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (a *app) service(ctx context.Context, f serviceFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	if f.noWork && a.env.getenv(databaseVariable) == "" {
		return &usageError{"--no-work leaves the work to migrate worker, which needs the database that " + databaseVariable + " names: set it, or leave --no-work out"}
	}
	listener, err := net.Listen("tcp", f.addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("another program listens on %s already, perhaps this one: end it, or take another port with --addr 127.0.0.1:0 (any that is free)", f.addr)
	}
	if err != nil {
		return fmt.Errorf("the service cannot listen on %s: %w", f.addr, err)
	}
	defer listener.Close()
	return a.withLedger(ctx, f.state, func(book ledger.Ledger, dir string) error {
		return a.serveWith(ctx, f, listener, book, dir)
	})
}

// serveWith opens what the service works with, and serves until a signal comes.
func (a *app) serveWith(ctx context.Context, f serviceFlags, listener net.Listener, book ledger.Ledger, dir string) (err error) {
	level := slog.LevelWarn
	if f.oidc.issuer != "" { // somebody keeps the log
		level = slog.LevelInfo
	}
	log := slog.New(health.Logs(slog.NewJSONHandler(a.env.Stderr, &slog.HandlerOptions{Level: level})))
	meter, clock := health.NewMetrics(a.env.Now), a.clock(f.now)
	kept, err := store.OpenAt(ctx, cmp.Or(a.env.getenv(databaseVariable), dir), clock)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kept.Close()) }()
	all, closeAccounts, err := a.serviceAccounts(ctx, f, kept, dir, accounts.Config{Ledger: book, Clock: clock, Log: log, Watch: meter.Watch})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeAccounts()) }()
	engine, hooks, err := a.newEngine(ctx, jobs.Config{Store: kept, Ledger: book, Accounts: all, Clock: clock, Log: log, Work: !f.noWork, Around: meter.Jobs()}, f.state)
	if err != nil {
		return err
	}
	stop := func() error {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		return engine.Stop(grace)
	}
	defer func() { err = errors.Join(err, stop()) }()
	server, certificate, err := a.newServer(ctx, f, listener, serve.Config{
		Store: kept, Ledger: book, Engine: engine, Accounts: all, Clock: clock, Machine: a.env.Now, Log: log, Webhooks: hooks.handler(f.keys, map[bool]webhooks.Mode{true: webhooks.Live, false: webhooks.Test}[f.live], log),
	})
	if err != nil {
		return err
	}
	vitals, err := a.vitals(meter, kept, book, engine, f.addr, log)
	if err != nil {
		return err
	}
	vitals.Loopback = vitals.Loopback && f.publicURL == "" // a proxy lets others in
	server.Health = vitals
	if err := a.addDashboard(server, kept, log); err != nil {
		return err
	}
	if err := engine.Start(ctx); err != nil {
		return err
	}
	ctx, release := a.abortable(ctx)
	defer release()
	defer context.AfterFunc(ctx, vitals.Drain)()
	a.sayAddress(f, listener, server)
	err = serve.Listen(ctx, listener, meter.HTTP(server.Handler()), certificate, log)
	a.say("Stopping: what is in flight is being finished. What is left goes on when the service is started again.")
	return err
}

// sayAddress prints how a browser gets in.
func (a *app) sayAddress(f serviceFlags, listener net.Listener, s *serve.Server) {
	address := "http://" + listener.Addr().String()
	if f.cert != "" {
		address = "https://" + listener.Addr().String()
	}
	address = cmp.Or(f.publicURL, address)
	if s.Token != nil {
		a.say("Open this address in a browser. Its token works once; start the service again for a new one. Ctrl-C ends the service.")
		a.print("%s/login?token=%s\n", address, s.Token)
		return
	}
	a.say("People sign in at %s. Ctrl-C ends the service.", f.oidc.issuer)
	a.print("%s\n", address)
}

// serviceAccounts returns the accounts that the service works in.
func (a *app) serviceAccounts(ctx context.Context, f serviceFlags, kept *store.Store, dir string, cfg accounts.Config) (accounts.Accounts, func() error, error) {
	cfg.APIBase, cfg.Sandbox, cfg.TestOnly, cfg.MaxRate = f.apiBase, f.sandbox, !f.live, f.maxRate
	if f.keys == "" {
		box, err := openSandbox(dir, commonSandbox, a.clock(f.now))
		if err != nil {
			return nil, nil, err
		}
		all, err := accounts.NewEmbedded(cfg, box)
		return all, box.Close, err
	}
	keys, err := accounts.NewKeys(ctx, cfg, f.keys)
	if err != nil {
		return nil, nil, err
	}
	return a.withConnected(cfg, keys, kept), func() error { return nil }, nil
}

// newServer adds to the configuration how people get in.
func (a *app) newServer(ctx context.Context, f serviceFlags, listener net.Listener, c serve.Config) (*serve.Server, *tls.Config, error) {
	c.Hosts = serve.LoopbackHosts(listener.Addr())
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return nil, nil, err
	}
	c.Cookie, c.Secure = "subferry_"+port, f.cert != "" || strings.HasPrefix(f.publicURL, "https://")
	base := "http://" + listener.Addr().String()
	if f.publicURL != "" {
		u, err := url.Parse(f.publicURL)
		if err != nil {
			return nil, nil, err
		}
		base, c.Hosts, c.Cookie = strings.TrimRight(f.publicURL, "/"), append(c.Hosts, u.Host), "subferry"
	} else if f.cert != "" {
		base = "https://" + listener.Addr().String()
	}
	c.PublicURL = base
	var certificate *tls.Config
	if f.cert != "" {
		pair, err := tls.LoadX509KeyPair(f.cert, f.key)
		if err != nil {
			return nil, nil, fmt.Errorf("the certificate cannot be used: %w", err)
		}
		certificate = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	}
	if f.oidc.issuer == "" {
		c.Token = access.NewToken()
	} else if c.Provider, err = a.provider(ctx, f.oidc, base); err != nil {
		return nil, nil, err
	}
	s, err := serve.New(c)
	return s, certificate, err
}

// provider finds the provider at which people sign in.
func (a *app) provider(ctx context.Context, f oidcFlags, base string) (*access.Provider, error) {
	secret, err := a.oidcSecret()
	if err != nil {
		return nil, err
	}
	roles := map[string]access.Role{}
	for _, text := range f.roles {
		name, value, found := strings.Cut(text, "=")
		role, err := access.ParseRole(name)
		if err != nil || !found || value == "" {
			return nil, &usageError{"--oidc-role " + text + ": expected ROLE=VALUE, with viewer, operator or approver as the role"}
		}
		roles[value] = max(roles[value], role)
	}
	return access.Discover(ctx, access.ProviderConfig{
		Issuer: f.issuer, ClientID: f.client, Secret: secret, Callback: base + "/login/callback", Claim: f.claim, Roles: roles, Scopes: f.scopes,
		Now: a.env.Now,
	})
}

// oidcSecret reads the client's secret; "" is that of a public client.
func (a *app) oidcSecret() (string, error) {
	secret, file := a.env.getenv(oidcSecretVariable), a.env.getenv(oidcSecretFileVariable)
	if secret != "" && file != "" {
		return "", &refusal{"two_secrets", oidcSecretVariable + " and " + oidcSecretFileVariable + " are both set, and only one can be meant: unset one of them"}
	}
	if file == "" {
		return secret, nil
	}
	secret, err := a.readKey(file, oidcSecretFileVariable)
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(secret), nil
}

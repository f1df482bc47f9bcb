package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate/sandbox"
)

// serveFlags are the flags of migrate sandbox serve.
type serveFlags struct {
	state   stateFlag
	addr    string
	data    string
	now     timeFlag
	rate    int
	latency time.Duration
}

// sandboxCommand holds the commands about the sandbox.
func (a *app) sandboxCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "sandbox", Short: "Run the stand-in for Stripe as a server of its own",
		Args: a.onlySubcommands,
		RunE: func(cmd *cobra.Command, _ []string) error { a.started = true; return cmd.Help() },
	}
	cmd.AddCommand(a.serveCommand())
	return cmd
}

// serveCommand serves the sandbox over HTTP.
func (a *app) serveCommand() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the sandbox over HTTP, for migrate --api-base and for any client of Stripe's API",
		Long: `Serves the embedded sandbox of the state directory over HTTP until it is interrupted. Any test key is accepted
(sk_test_…); the API version is the one that migrate version prints. The address is printed on standard output.

It holds what --sandbox-data and the requests of its clients put into it: nothing that a file names is made up, as
migrate run --sandbox does without a server. What it does not imitate it refuses with an error that says so.`,
		Example: `  migrate sandbox serve --addr 127.0.0.1:12111 --sandbox-data account.json
  STRIPE_API_KEY=sk_test_any migrate run --sandbox --api-base http://127.0.0.1:12111 subs.csv`,
		Args: noArguments,
		RunE: a.asRunE(func(ctx context.Context, _ []string) error { return a.serve(ctx, f) }),
	}
	f.state.add(cmd)
	f.now.add(cmd, "begin at this time, RFC 3339 or Unix seconds")
	flags := cmd.Flags()
	flags.StringVar(&f.addr, "addr", "127.0.0.1:12111", "listen on `ADDRESS`; port 0 takes any")
	flags.StringVar(&f.data, "sandbox-data", "", "take `FILE` (JSON) for the account, which gets a sandbox of its own")
	flags.IntVar(&f.rate, "rate", 0, "allow `N` requests a second, and as many for each endpoint, as Stripe does (0 allows all)")
	flags.DurationVar(&f.latency, "latency", 0, "wait `DURATION` before every answer")
	return cmd
}

func (a *app) serve(ctx context.Context, f serveFlags) error {
	if f.rate < 0 || f.latency < 0 {
		return &usageError{"--rate and --latency must not be negative"}
	}
	server, err := a.openServed(f)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", f.addr)
	if err != nil {
		return errors.Join(err, server.Close())
	}
	ctx, release := a.abortable(ctx)
	defer release()
	a.say("Sandbox %s, for any test key (sk_test_…). Ctrl-C ends it; what it holds is kept.", server.Account())
	a.print("http://%s\n", listener.Addr())
	web := &http.Server{Handler: server, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(listener) }()
	select {
	case err = <-failed:
		err = fmt.Errorf("the sandbox cannot be served: %w", err)
	case <-ctx.Done(): // requests under way may finish
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		err = web.Shutdown(grace)
		cancel()
	}
	return errors.Join(err, server.Close())
}

// openServed opens the sandbox that is to be served.
func (a *app) openServed(f serveFlags) (*sandbox.Server, error) {
	dir, err := a.stateDir(f.state)
	if err != nil {
		return nil, err
	}
	name, data := commonSandbox, []byte(nil)
	if f.data != "" {
		if data, name, err = readAccountFile(f.data); err != nil {
			return nil, err
		}
	}
	server, err := sandbox.Open(sandbox.Options{
		Dir: sandboxPath(dir, name), Now: a.clock(f.now).Now, Latency: f.latency,
		Limits: sandbox.Limits{Global: f.rate, PerEndpoint: f.rate},
	})
	if err != nil || f.data == "" || !server.Empty() { // loaded again, what has happened since would be undone
		return server, err
	}
	return loadAccountFile(server, f.data, data)
}

package sandbox

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/subferry/subferry/migrate/sandbox/internal/accountfile"
	"github.com/subferry/subferry/migrate/sandbox/internal/api"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// ErrInUse is returned by Open when another process, or another Server in this one, owns the directory.
var ErrInUse = store.ErrInUse

// ErrClosed is returned by calls on a Server that has been closed.
var ErrClosed = store.ErrClosed

// Server is one sandbox account and the API that serves it. It is safe for use by several goroutines.
type Server struct {
	opts   Options
	routes api.Routes
	store  *store.Store
	sender *sender // nil when no webhook is wanted

	inFlight map[store.Fingerprint]bool // the idempotency keys of requests that execute, under the store's lock

	mu       sync.Mutex
	limiter  limiter
	metering map[string]bool // customers and meters of which an event is being taken
	requests uint64
}

// Open returns a sandbox with the state of opts.Dir. It fails with ErrInUse when another Server has the directory, and
// with the name of its file when that is damaged. The caller closes the Server.
func Open(opts Options) (*Server, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	table, err := api.NewRoutes()
	if err != nil {
		return nil, err
	}
	memory, err := store.Open(opts.Dir, opts.Seed, opts.Now)
	if err != nil {
		return nil, err
	}
	s := &Server{opts: opts, routes: table, store: memory, inFlight: map[store.Fingerprint]bool{}, limiter: limiter{}, metering: map[string]bool{}}
	if opts.Webhook.URL != "" {
		if opts.Webhook.Client == nil {
			opts.Webhook.Client = &http.Client{Timeout: 10 * time.Second}
		}
		ctx, stop := context.WithCancel(context.Background())
		s.sender = &sender{hook: opts.Webhook, now: opts.Now, wake: make(chan struct{}, 1), stop: stop, done: make(chan struct{}), log: opts.Logger}
		go s.sender.loop(ctx)
		memory.Notify = s.sender.send
	}
	return s, nil
}

// Close gives the directory back. Later requests are answered with 500.
func (s *Server) Close() error {
	err := s.store.Close()
	if s.sender != nil {
		s.sender.close()
	}
	return err
}

// Account returns the account's ID, acct_sandbox…, which a directory keeps.
func (s *Server) Account() string { return s.store.AccountID() }

// Now is the sandbox's time.
func (s *Server) Now() time.Time { return s.store.Time() }

// Advance moves the sandbox's clock forward to a time and does everything that falls due on the way, in order:
// schedules start, subscriptions renew, drafts are finalized and paid. From then on the sandbox's clock is ahead of the
// handed-in one by as much. Customers on a test clock are not touched.
//
// It fails when the time has passed already. A canceled context leaves the clock where it was, with the part done that
// was done: the next Advance or request goes on.
func (s *Server) Advance(ctx context.Context, to time.Time) error {
	return s.store.Do(func() error {
		if now := s.store.Now(); to.Unix() < now {
			return fmt.Errorf("sandbox: the clock says %s and cannot be moved back to %s", time.Unix(now, 0).UTC().Format(time.RFC3339), to.UTC().Format(time.RFC3339))
		}
		if err := engine.RunClock(ctx, s.store, "", to.Unix()); err != nil {
			return err
		}
		s.store.SetNow(to.Unix())
		return s.store.Settle()
	})
}

// Load adds the objects of an account file to the sandbox. Objects that exist under the same ID are replaced. Nothing is
// changed when it returns an error, which names the list, the position and the ID of the object it is about.
//
// An account file is JSON. Every list is optional; the objects have Stripe's own shape, so an object copied from an API
// response will mostly do. Fields left out get Stripe's defaults, unknown fields are errors, and of an object with
// "livemode": true only the ID is kept, for the error that says the ID exists in the other mode. A customer's discount may
// name its coupon by ID. A customer's invoice_settings.default_payment_method may be a test card's token such as
// pm_card_chargeCustomerFail; an ID that is not spelled like one becomes a card that can be charged, and a customer
// without one cannot be.
//
//	{
//	  "account":   {"id": "acct_1"},
//	  "tax_settings": {"defaults": {"tax_behavior": "exclusive"}},
//	  "customers": [{"id": "cus_1", "email": "jo@example.com", "balance": -500, "currency": "usd", "tax_exempt": "none",
//	                 "discount": {"coupon": "TENOFF", "start": 1772355600, "end": null},
//	                 "invoice_settings": {"default_payment_method": "pm_card_visa"}}],
//	  "products":  [{"id": "prod_1", "name": "Gold"}],
//	  "prices":    [{"id": "price_1", "product": "prod_1", "currency": "usd",
//	                 "unit_amount": 1999, "recurring": {"interval": "month"}}],
//	  "coupons":   [{"id": "TENOFF", "percent_off": 10, "duration": "forever"}],
//	  "tax_rates": [{"id": "txr_1", "percentage": 19, "inclusive": true}]
//	}
func (s *Server) Load(r io.Reader) error {
	file, err := accountfile.Read(r)
	if err != nil {
		return err
	}
	return s.store.Do(func() error {
		t := s.store.Begin(s.store.Now())
		if err := file.Load(t); err != nil {
			return err
		}
		if err := s.store.Commit(t, store.Fingerprint{}, nil); err != nil {
			return err
		}
		return s.store.Settle()
	})
}

// Empty tells whether the sandbox has no object yet that an account file could have brought. A directory that cannot be
// read counts as not empty; what is asked next says so.
func (s *Server) Empty() bool {
	empty := false
	err := s.store.Do(func() error {
		empty = s.store.Empty()
		return nil
	})
	return err == nil && empty
}

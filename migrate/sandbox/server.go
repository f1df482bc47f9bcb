package sandbox

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store/disk"
)

// Server is one sandbox account and the API that serves it. It is safe for
// use by several goroutines.
type Server struct {
	opts   Options
	routes routes

	mu       sync.Mutex
	state    *state
	answers  *answers
	limiter  *limiter
	store    *disk.Store // nil in memory
	queued   uint64      // the last transaction that was handed to the store
	sender   *sender
	requests uint64
	broken   error // why nothing more can be answered: closed, or the disk failed
}

// Open returns a sandbox with the state of opts.Dir. It fails with ErrInUse
// when another Server has the directory, and with the name of its file
// when that is damaged. The caller closes the Server.
func Open(opts Options) (*Server, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	table, err := newRoutes()
	if err != nil {
		return nil, err
	}
	s := &Server{opts: opts, routes: table, state: newState(), answers: newAnswers(), limiter: newLimiter(opts.Limits)}
	if opts.Dir != "" {
		err = s.load(opts.Dir)
	} else {
		err = s.found()
	}
	if err != nil {
		return nil, err
	}
	s.sender = newSender(opts.Webhook, opts.Now, func(event string, err error) {
		opts.Logger.Warn("webhook not delivered", "event", event, "error", err)
	})
	return s, nil
}

// Close gives the directory back. Later requests are answered with 500.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if errors.Is(s.broken, ErrClosed) {
		return nil
	}
	s.broken = ErrClosed
	s.sender.close()
	if s.store == nil {
		return nil
	}
	return s.store.Close()
}

// Account returns the account's ID, acct_sandbox…, which a directory keeps.
func (s *Server) Account() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.account.ID
}

// found begins a new account and writes it down.
func (s *Server) found() error {
	seed := s.opts.Seed
	if seed == "" {
		var random [16]byte
		if _, err := rand.Read(random[:]); err != nil {
			return fmt.Errorf("sandbox: %w", err)
		}
		seed = hex.EncodeToString(random[:])
	}
	one := accountRecord{Version: 1, Seed: seed, Created: s.opts.Now().Unix()}
	one.ID = "acct_sandbox" + newIDSource(seed).tag
	s.state.adopt(one)
	s.writeHead()
	return s.settle()
}

func (s *state) adopt(one accountRecord) {
	s.founded = one
	count := s.ids.Count
	s.ids = newIDSource(one.Seed)
	s.ids.Count = count
	s.account = object.Account{
		ID:               one.ID,
		Object:           "account",
		ChargesEnabled:   true,
		Country:          "US",
		Created:          one.Created,
		DefaultCurrency:  "usd",
		DetailsSubmitted: true,
		PayoutsEnabled:   true,
		Type:             "standard",
	}
}

// now is the sandbox's time in Unix seconds.
func (s *Server) now() int64 { return s.opts.Now().Unix() + s.state.offset }

// commit makes a transaction visible and hands it to the store, with an answer
// when there is one. It is written when somebody waits for it.
func (s *Server) commit(t *tx, key fingerprint, one *answer) error {
	var written *disk.Tx
	if s.store != nil && (one != nil || t.changes()) {
		written = &disk.Tx{Keep: eventsKept, Forget: s.answers.drop(s.now())}
	}
	for _, e := range t.events {
		e.Hooks = s.sender.endpoints()
	}
	t.apply(written)
	if one != nil {
		s.answers.store(key, one)
		if written != nil {
			written.Answers = []*disk.Answer{one.record(key)}
		}
		one.sent = nil
	}
	if written != nil {
		written.Head = s.state.head()
		s.queued = s.store.Queue(written)
	}
	if s.sender.endpoints() > 0 && len(t.events) > 0 {
		// Nobody is told of what may be gone after a crash.
		if err := s.settle(); err != nil {
			return err
		}
		s.sender.send(t.events)
	}
	return nil
}

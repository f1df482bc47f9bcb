package sandbox

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/subferry/subferry/migrate/sandbox/object"
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
	journal  *journal
	sender   *sender
	requests uint64
	broken   error // why nothing more can be answered: closed, or the disk failed
}

// Open returns a sandbox with the state of opts.Dir. It fails with ErrInUse
// when another Server has the directory, and with the line of the journal
// when that cannot be read. The caller closes the Server.
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
		if s.journal, err = openJournal(opts.Dir); err != nil {
			return nil, err
		}
	}
	if err := s.load(); err != nil {
		return nil, errors.Join(err, s.journal.close())
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
	return s.journal.close()
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
	one := accountRecord{Version: journalVersion, Seed: seed, Created: s.opts.Now().Unix()}
	one.ID = "acct_sandbox" + newIDSource(seed).tag
	s.state.adopt(one)
	line, err := (&record{Account: &one}).line()
	if err != nil {
		return err
	}
	return s.journal.append(line)
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

// commit writes a transaction to the journal and then makes it visible. An
// answer, when there is one, is stored in the same write.
func (s *Server) commit(t *tx, key fingerprint, one *answer) error {
	if s.journal != nil && (one != nil || t.changes()) {
		r := t.record()
		if one != nil {
			r.Answer = one.record(key)
		}
		line, err := r.line()
		if err == nil {
			err = s.journal.append(line)
		}
		if err != nil {
			s.broken = err
			return err
		}
	}
	for _, e := range t.events {
		e.Hooks = s.sender.endpoints()
	}
	t.apply()
	s.sender.send(t.events)
	if one != nil {
		s.answers.store(key, one)
	}
	return nil
}

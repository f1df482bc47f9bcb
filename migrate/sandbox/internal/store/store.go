// Package store is what the sandbox remembers: objects in tables, transactions on them, events, what idempotency keys were
// answered, and what is due when. It is kept in memory, and in a directory with package disk. What is stored is never
// changed in place: a transaction edits copies.
package store

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store/disk"
)

// ErrInUse is returned when another process, or another store in this one, owns the directory.
var ErrInUse = errors.New("the sandbox directory is in use by another process")

// ErrClosed is returned by calls on a store that has been closed.
var ErrClosed = errors.New("the sandbox is closed")

// Store is everything that a sandbox remembers. Its lock is held by Do, in which everything else is called, except
// Wait.
type Store struct {
	clock  func() time.Time
	Notify func([]*Event) // is handed the events that are safe; nil when nobody wants them

	mu     sync.Mutex
	disk   *disk.Store // nil in memory
	queued uint64      // the last transaction that was handed to the disk
	broken error       // why nothing more can be answered: closed, or the disk failed

	Account       object.Account
	AccountRecord accountRecord
	IDs           idSource
	offset        int64                // seconds the sandbox's clock is ahead of the handed-in one
	due           map[string]*dueQueue // by test clock; "" is the sandbox's own
	events        *eventLog
	answers       *answers

	// live are the IDs that exist in live mode.
	Live *Table[Marked]
	// unprorated are the subscriptions created with proration_behavior=none: the time between their trial's end and
	// their anchor is free.
	unprorated *Table[Marked]
	// deleted are the customers that were deleted.
	deleted *Table[Marked]

	Customers     *Table[object.Customer]
	Products      *Table[object.Product]
	Prices        *Table[object.Price]
	Coupons       *Table[object.Coupon]
	TaxRates      *Table[object.TaxRate]
	Methods       *Table[object.PaymentMethod]
	Schedules     *Table[object.Schedule]
	Subscriptions *Table[object.Subscription]
	Invoices      *Table[object.Invoice]
	Pending       *Table[object.Pending]
	Clocks        *Table[object.TestClock]
	Meters        *Table[object.Meter]
	Usage         *Table[object.Usage]
}

// accountRecord is what a directory keeps of its account.
type accountRecord struct {
	Version int    `json:"version"`
	ID      string `json:"id"`
	Seed    string `json:"seed"`
	Created int64  `json:"created"`

	// TaxBehavior is the default of the account's tax settings, "" for none.
	TaxBehavior string `json:"tax_behavior,omitempty"`
}

// storeHead is what a directory keeps besides objects.
type storeHead struct {
	Account accountRecord `json:"account"`
	Count   uint64        `json:"ids"` // of the ID source
	Offset  int64         `json:"clock_offset"`
	Events  int64         `json:"events"` // that there have been
}

// Open opens what a directory keeps, with the journal of an older program if there is one, or an empty store in memory
// when dir is "". What is new gets an account, whose IDs follow from the seed; "" draws one.
func Open(dir, seed string, clock func() time.Time) (*Store, error) {
	s := newStore()
	s.clock = clock
	if dir == "" {
		return s, s.newAccount(seed)
	}
	tables := s.tables()
	kinds := make([]string, 0, len(tables))
	for kind := range tables {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	var err error
	if s.disk, err = disk.Open(dir, kinds); err != nil {
		if errors.Is(err, disk.ErrInUse) {
			err = fmt.Errorf("sandbox directory %s: %w; wait for it to end, or use another directory", dir, ErrInUse)
		}
		return nil, err
	}
	if err := s.restore(dir, seed, tables); err != nil {
		return nil, errors.Join(err, s.disk.Close())
	}
	return s, nil
}

func (s *Store) restore(dir, seed string, tables map[string]stored) error {
	for kind, one := range tables {
		one.attach(kind, s.disk)
	}
	decode := func(kind string, body []byte) (any, error) {
		if tables[kind] == nil {
			return nil, fmt.Errorf("sandbox file %s: an answer is of the unknown kind %q", s.disk.Path(), kind)
		}
		return tables[kind].decode(body)
	}
	s.answers.decode, s.events.decode = decode, decode
	written, err := s.disk.Head()
	if err != nil {
		return err
	}
	if err := s.importJournal(dir, written == nil); err != nil {
		return err
	}
	if s.AccountRecord.ID != "" { // imported
		return nil
	}
	if written == nil {
		return s.newAccount(seed)
	}
	var head storeHead
	if err := json.Unmarshal(written, &head); err != nil {
		return fmt.Errorf("sandbox file %s: %w", s.disk.Path(), err)
	}
	s.setAccount(head.Account)
	s.IDs.Count, s.offset = head.Count, head.Offset
	s.events.attach(s.disk, head.Events)
	some, err := s.disk.HasAnswers()
	if some {
		s.answers.stored = s.disk
	}
	return err
}

// newAccount begins a new account and writes it down.
func (s *Store) newAccount(seed string) error {
	if seed == "" {
		var random [16]byte
		if _, err := rand.Read(random[:]); err != nil {
			return fmt.Errorf("sandbox: %w", err)
		}
		seed = hex.EncodeToString(random[:])
	}
	one := accountRecord{Version: 1, Seed: seed, Created: s.clock().Unix()}
	one.ID = "acct_sandbox" + newIDSource(seed).tag
	s.setAccount(one)
	s.writeHead()
	return s.Settle()
}

func (s *Store) setAccount(one accountRecord) {
	s.AccountRecord = one
	count := s.IDs.Count
	s.IDs = newIDSource(one.Seed)
	s.IDs.Count = count
	s.Account = object.Account{
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

// Do calls a function under the lock. It fails as the function does, or with the reason why nothing can be answered any
// more: ErrClosed, or that the directory's file could not be read or written.
func (s *Store) Do(do func() error) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() {
		switch reason := recover().(type) {
		case nil:
		case unreadable:
			s.broken, err = reason.err, reason.err
		default:
			panic(reason)
		}
	}()
	if s.broken != nil {
		return s.broken
	}
	return do()
}

// Close gives the directory back; whatever is done later fails with ErrClosed. Closing again does nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if errors.Is(s.broken, ErrClosed) {
		return nil
	}
	s.broken = ErrClosed
	if s.disk == nil {
		return nil
	}
	return s.disk.Close()
}

// Now is the sandbox's time in Unix seconds.
func (s *Store) Now() int64 { return s.clock().Unix() + s.offset }

// SetNow puts the sandbox's clock to a time, in Unix seconds.
func (s *Store) SetNow(to int64) {
	s.offset = to - s.clock().Unix()
	s.answers.forget(to)
	s.writeHead()
}

// TaxBehavior is the default of the account's tax settings, "" for none.
func (s *Store) TaxBehavior() string { return s.AccountRecord.TaxBehavior }

// Commit makes a transaction visible and hands it to the disk, with what an idempotency key is answered unless that is
// nil. It is safe when Wait returns.
func (s *Store) Commit(t *Tx, key Fingerprint, one *Answer) error {
	var written *disk.Tx
	if s.disk != nil && (one != nil || t.changes()) {
		written = &disk.Tx{Keep: EventsKept, Forget: s.answers.drop(s.Now())}
	}
	if s.Notify != nil {
		for _, e := range t.events {
			e.Hooks = 1
		}
	}
	t.apply(written)
	if one != nil {
		s.answers.store(key, one)
		if written != nil {
			written.Answers = []*disk.Answer{one.record(key)}
		}
		one.Sent = nil
	}
	if written != nil {
		written.Head = s.head()
		s.queued = s.disk.Queue(written)
	}
	if s.Notify != nil && len(t.events) > 0 {
		// Nobody is told of what may be gone after a crash.
		if err := s.Settle(); err != nil {
			return err
		}
		s.Notify(t.events)
	}
	return nil
}

func (s *Store) head() storeHead {
	return storeHead{Account: s.AccountRecord, Count: s.IDs.Count, Offset: s.offset, Events: s.events.next}
}

func (s *Store) writeHead() {
	if s.disk != nil {
		s.queued = s.disk.Queue(&disk.Tx{Head: s.head()})
	}
}

// Settle returns when everything is written.
func (s *Store) Settle() error {
	if s.disk == nil {
		return nil
	}
	err := s.disk.Wait(s.queued)
	if err != nil && s.broken == nil {
		s.broken = err
	}
	return err
}

// Queued is the number of the last transaction that was committed, for Wait.
func (s *Store) Queued() uint64 { return s.queued }

// Wait returns when a transaction and all before it are written. It is called without the lock.
func (s *Store) Wait(until uint64) error {
	if until == 0 {
		return nil
	}
	err := s.disk.Wait(until)
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.broken == nil {
			s.broken = err
		}
	}
	return err
}

// Empty tells whether there is no object yet that an account file could have brought.
func (s *Store) Empty() bool {
	return s.Customers.empty() && s.Products.empty() && s.Prices.empty() && s.Coupons.empty() && s.TaxRates.empty() && s.Meters.empty()
}

// TakeInvoices shows the invoices made before a time, the newest first, and drops those that no clock has to do
// anything with.
func (s *Store) TakeInvoices(before int64, show func(*object.Invoice)) error {
	t := s.Begin(s.Now())
	for _, o := range slices.Backward(s.Invoices.All()) {
		if o.Created >= before {
			continue
		}
		show(o)
		if o.Due() == 0 {
			t.Invoices.Remove(o.ID)
		}
	}
	if err := s.Commit(t, Fingerprint{}, nil); err != nil {
		return err
	}
	s.Invoices = s.Invoices.packed()
	return nil
}

// Split returns n stores in memory, each with the account, the clock and the catalog of this one, and with the
// customers of which part says so; nil when that would change what happens: when this one has more than that, or is
// kept in a directory, or has a coupon that may be used only so many times.
func (s *Store) Split(n int, part func(customer string) int) []*Store {
	if s.disk != nil || s.Schedules.count+s.Subscriptions.count+s.Invoices.count+s.Pending.count+s.Clocks.count+s.Usage.count > 0 {
		return nil
	}
	for _, o := range s.Coupons.All() {
		if o.MaxRedemptions != nil {
			return nil
		}
	}
	parts := make([]*Store, n)
	for i := range parts {
		one := newStore()
		one.clock, one.offset = s.clock, s.offset
		one.setAccount(s.AccountRecord)
		one.IDs = newIDSource(fmt.Sprintf("%s/%d", s.AccountRecord.Seed, i+1))
		putAll(one.Live, s.Live.All())
		putAll(one.deleted, s.deleted.All())
		putAll(one.Meters, s.Meters.All())
		putAll(one.Products, s.Products.All())
		putAll(one.Prices, s.Prices.All())
		putAll(one.Coupons, s.Coupons.All())
		putAll(one.TaxRates, s.TaxRates.All())
		parts[i] = one
	}
	for _, o := range s.Customers.All() {
		if i := part(o.ID); i >= 0 {
			parts[i].Customers.Put(o)
		}
	}
	for _, o := range s.Methods.All() {
		if i := part(string(o.Customer)); i >= 0 && o.Customer != "" {
			parts[i].Methods.Put(o)
		}
	}
	return parts
}

// AccountID is the ID of the account. It is called without the lock, as Time is.
func (s *Store) AccountID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Account.ID
}

// Time is the sandbox's time.
func (s *Store) Time() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Unix(s.Now(), 0).UTC()
}

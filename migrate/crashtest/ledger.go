package crashtest

import (
	"context"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
)

// Ledger dies before or after each write.
func Ledger(l ledger.Ledger, c *Crash) ledger.Ledger { return dying{l, c} }

type dying struct {
	ledger.Ledger
	c *Crash
}

func (l dying) Begin(ctx context.Context, m ledger.Migration) error {
	return l.c.Around(func() error { return l.Ledger.Begin(ctx, m) })
}

func (l dying) SetStatus(ctx context.Context, id string, s ledger.Status, at csvspec.Timestamp) error {
	return l.c.Around(func() error { return l.Ledger.SetStatus(ctx, id, s, at) })
}

func (l dying) SetSearched(ctx context.Context, id string, at csvspec.Timestamp) error {
	return l.c.Around(func() error { return l.Ledger.SetSearched(ctx, id, at) })
}

func (l dying) SetDeferred(ctx context.Context, id string, rows int64, file string) error {
	return l.c.Around(func() error { return l.Ledger.SetDeferred(ctx, id, rows, file) })
}

func (l dying) BindSource(ctx context.Context, id, account string) error {
	return l.c.Around(func() error { return l.Ledger.BindSource(ctx, id, account) })
}

func (l dying) Put(ctx context.Context, id string, from ledger.State, e ledger.Entry) error {
	return l.c.Around(func() error { return l.Ledger.Put(ctx, id, from, e) })
}

func (l dying) PutSource(ctx context.Context, id string, from ledger.SourceState, e ledger.Entry) error {
	return l.c.Around(func() error { return l.Ledger.PutSource(ctx, id, from, e) })
}

func (l dying) PutVerified(ctx context.Context, id string, rows []ledger.Verified) error {
	return l.c.Around(func() error { return l.Ledger.PutVerified(ctx, id, rows) })
}

func (l dying) PutPayments(ctx context.Context, id string, rows []ledger.Payment) error {
	return l.c.Around(func() error { return l.Ledger.PutPayments(ctx, id, rows) })
}

func (l dying) BeginUsage(ctx context.Context, r ledger.UsageRun) error {
	return l.c.Around(func() error { return l.Ledger.BeginUsage(ctx, r) })
}

func (l dying) SetUsageStatus(ctx context.Context, id string, s ledger.UsageStatus, at csvspec.Timestamp) error {
	return l.c.Around(func() error { return l.Ledger.SetUsageStatus(ctx, id, s, at) })
}

func (l dying) PutUsage(ctx context.Context, id string, steps []ledger.UsageStep) error {
	return l.c.Around(func() error { return l.Ledger.PutUsage(ctx, id, steps) })
}

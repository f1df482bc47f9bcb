package migrate

import (
	"context"
	"fmt"
)

// ForCustomer does something while no other process that shares the ledger changes what the customer of the account has. It
// returns what do returns, or ErrInterrupted when the stop, or the context, has ended the waiting for the customer.
func (s Sender) ForCustomer(ctx context.Context, account, customer string, do func() error) error {
	return s.q.forCustomer(ctx, account, customer, do)
}

func (q *requester) forCustomer(ctx context.Context, account, customer string, do func() error) error {
	if q.m.customers == nil {
		return do()
	}
	until, done := q.untilStop(ctx)
	release, err := q.m.customers.LockCustomer(until, account, customer)
	ended := until.Err() != nil
	done()
	switch {
	case err != nil && ended:
		return ErrInterrupted
	case err != nil:
		return fmt.Errorf("the customer %s cannot be kept from being changed elsewhere at the same time: %w", customer, err)
	}
	defer release()
	return do()
}

package postgres

import (
	"context"
	"errors"
)

// LockCustomer waits until no other process that shares the database works on the customer of the account.
func (s *Store) LockCustomer(ctx context.Context, account, customer string) (release func(), err error) {
	return nil, errors.ErrUnsupported
}

package store

import "database/sql"

// DB returns the database itself, for tests that damage it.
func (s *Store) DB() *sql.DB { return s.db }

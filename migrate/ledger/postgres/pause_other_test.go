//go:build !unix

package postgres_test

import (
	"errors"
	"os"
)

// There is no Postgres for the tests on these systems, and no signal that stops a process.
func pause(*os.Process) error { return errors.ErrUnsupported }
func goOn(*os.Process) error  { return errors.ErrUnsupported }

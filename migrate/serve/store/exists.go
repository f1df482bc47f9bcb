package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/subferry/subferry/migrate/ledger/postgres"
)

// Exists tells whether a service has ever worked in a database or a directory, see Open. Commands that read what a service
// knows, when there is one, ask before they open it: opening creates what is missing.
func Exists(ctx context.Context, where string) (bool, error) {
	if !strings.HasPrefix(where, "postgres://") && !strings.HasPrefix(where, "postgresql://") {
		_, err := os.Stat(filepath.Join(where, Name))
		if errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
		return err == nil, err
	}
	pool, _, err := postgres.OpenPool(ctx, where, 1)
	if err != nil {
		return false, err
	}
	defer pool.Close()
	var there bool
	err = pool.QueryRow(ctx, "SELECT to_regclass('serve_layout') IS NOT NULL").Scan(&there)
	return there, err
}

package validate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
)

// meter counts what is read, hashes it if wanted, and ends reading when the context does.
type meter struct {
	ctx    context.Context
	r      io.Reader
	digest hash.Hash // nil when the hash is not wanted
	size   int64
}

func newMeter(ctx context.Context, r io.Reader, unhashed bool) *meter {
	m := &meter{ctx: ctx, r: r}
	if !unhashed {
		m.digest = sha256.New()
	}
	return m
}

func (m *meter) Read(p []byte) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := m.r.Read(p)
	if m.digest != nil {
		m.digest.Write(p[:n])
	}
	m.size += int64(n)
	return n, err
}

// sum returns the hash of all that was read, in hex, or "" when it was not wanted.
func (m *meter) sum() string {
	if m.digest == nil {
		return ""
	}
	return hex.EncodeToString(m.digest.Sum(nil))
}

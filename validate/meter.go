package validate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
)

// meter counts and hashes what is read, and ends reading when the context does.
type meter struct {
	ctx    context.Context
	r      io.Reader
	digest hash.Hash
	size   int64
}

func newMeter(ctx context.Context, r io.Reader) *meter {
	return &meter{ctx: ctx, r: r, digest: sha256.New()}
}

func (m *meter) Read(p []byte) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := m.r.Read(p)
	m.digest.Write(p[:n])
	m.size += int64(n)
	return n, err
}

// sum returns the hash of all that was read, in hex, and how many bytes that was.
func (m *meter) sum() (string, int64) { return hex.EncodeToString(m.digest.Sum(nil)), m.size }

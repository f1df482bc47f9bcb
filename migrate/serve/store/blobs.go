package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/subferry/subferry/csvspec"
)

// pieceSize is how many bytes of a file are stored together. Changing it would make what is stored unreadable.
const pieceSize = 256 << 10

// PutBlob stores what a reader has, in pieces, and returns its SHA-256 in hex and its size. The same content is stored
// once. It returns ErrTooLarge as soon as there are more than limit bytes, and never holds more than a piece.
func (s *Store) PutBlob(ctx context.Context, r io.Reader, limit int64) (sha string, size int64, err error) {
	whole, piece := sha256.New(), make([]byte, pieceSize)
	var pieces []string
	for ended := false; !ended; {
		n := 0
		for n < pieceSize && !ended { // not io.ReadFull, which cannot tell the end from an upload that broke off
			m, err := r.Read(piece[n:])
			if err != nil && err != io.EOF { //nolint:errorlint // as a reader says that this is the end
				return "", 0, err
			}
			n, ended = n+m, err != nil
		}
		if size += int64(n); size > limit {
			return "", 0, fmt.Errorf("%w of %d bytes", ErrTooLarge, limit)
		}
		if n > 0 {
			whole.Write(piece[:n])
			sum := sha256.Sum256(piece[:n])
			pieces = append(pieces, hex.EncodeToString(sum[:]))
			if _, err := s.exec(ctx, s.db, `INSERT INTO serve_pieces (sha, stored_at, content) VALUES ($1, $2, $3)
				ON CONFLICT (sha) DO UPDATE SET stored_at = excluded.stored_at`, pieces[len(pieces)-1], int64(s.now()), piece[:n]); err != nil {
				return "", 0, err
			}
		}
	}
	sha = hex.EncodeToString(whole.Sum(nil))
	return sha, size, s.tx(ctx, func(tx *sql.Tx) error {
		// What is there already counts as stored now, so that nobody drops it before it is used.
		if _, err := s.exec(ctx, tx, `INSERT INTO serve_blobs (sha, size, stored_at) VALUES ($1, $2, $3)
			ON CONFLICT (sha) DO UPDATE SET stored_at = excluded.stored_at`, sha, size, int64(s.now())); err != nil {
			return err
		}
		for i, piece := range pieces {
			if _, err := s.exec(ctx, tx, `INSERT INTO serve_blob_pieces (blob, number, piece) VALUES ($1, $2, $3)
				ON CONFLICT DO NOTHING`, sha, i, piece); err != nil {
				return err
			}
		}
		return nil
	})
}

// OpenBlob returns what was stored under a SHA-256, and its size, or ErrNotFound. It holds one piece at a time, and reads as
// long as the context lives.
func (s *Store) OpenBlob(ctx context.Context, sha string) (io.ReadSeekCloser, int64, error) {
	b := &blob{ctx: ctx, store: s, sha: sha, held: -1}
	if err := s.scan(ctx, s.db, "the file "+sha, "SELECT size FROM serve_blobs WHERE sha = $1", []any{sha}, &b.size); err != nil {
		return nil, 0, err
	}
	return b, b.size, nil
}

// blob reads a stored file.
type blob struct {
	ctx   context.Context
	store *Store
	sha   string
	size  int64
	at    int64
	held  int64 // the number of the piece; -1 is none
	piece []byte
}

func (b *blob) Read(p []byte) (int, error) {
	if b.at >= b.size {
		return 0, io.EOF
	}
	if number := b.at / pieceSize; number != b.held {
		var sha string
		b.held = -1
		err := b.store.scan(b.ctx, b.store.db, "a piece of the file "+b.sha, `SELECT sha, content FROM serve_pieces
			WHERE sha = (SELECT piece FROM serve_blob_pieces WHERE blob = $1 AND number = $2)`, []any{b.sha, number}, &sha, &b.piece)
		if err != nil {
			return 0, err
		}
		if sum := sha256.Sum256(b.piece); hex.EncodeToString(sum[:]) != sha || int64(len(b.piece)) != min(pieceSize, b.size-number*pieceSize) {
			return 0, fmt.Errorf("%w: a piece of the file %s is not what was stored", ErrDamaged, b.sha)
		}
		b.held = number
	}
	n := copy(p, b.piece[b.at%pieceSize:])
	b.at += int64(n)
	return n, nil
}

func (b *blob) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += b.at
	case io.SeekEnd:
		offset += b.size
	}
	if offset < 0 {
		return b.at, errors.New("a file has nothing before its beginning")
	}
	b.at = offset
	return b.at, nil
}

func (b *blob) Close() error { b.piece, b.held = nil, -1; return nil }

// DropOrphans deletes what uploads left behind that came to no end, and the content of artifacts that were replaced, as far
// as they were stored before a moment; uploads since are still under way. It returns how many pieces went.
func (s *Store) DropOrphans(ctx context.Context, before time.Time) (int64, error) {
	_, err := s.exec(ctx, s.db, `DELETE FROM serve_blobs WHERE stored_at < $1
		AND NOT EXISTS (SELECT 1 FROM serve_artifacts a WHERE a.blob = serve_blobs.sha)
		AND NOT EXISTS (SELECT 1 FROM serve_moves m WHERE m.upload = serve_blobs.sha)`, int64(csvspec.At(before)))
	if err != nil {
		return 0, err
	}
	return s.exec(ctx, s.db, `DELETE FROM serve_pieces WHERE stored_at < $1
		AND NOT EXISTS (SELECT 1 FROM serve_blob_pieces p WHERE p.piece = serve_pieces.sha)`, int64(csvspec.At(before)))
}

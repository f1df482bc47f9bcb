package store

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
)

// Shard is a part of a move's file that one job works on. Its content is the engine's.
type Shard struct {
	Move        string
	Round       int64
	Number      int64 // from 0
	First, Last int64 // rows of the file
	Rows        int64
	Done        bool
	Content     []byte // nil in lists
}

// PutShard stores a shard, compressed. One with the same number of the same round is replaced.
func (s *Store) PutShard(ctx context.Context, h Shard) error {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		return err
	}
	if _, err := w.Write(h.Content); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	_, err = s.exec(ctx, s.db, `INSERT INTO serve_shards (move, round, number, first_row, last_row, rows, done, content) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (move, round, number) DO UPDATE SET first_row = excluded.first_row, last_row = excluded.last_row, rows = excluded.rows,
		done = excluded.done, content = excluded.content`, h.Move, h.Round, h.Number, h.First, h.Last, h.Rows, h.Done, b.Bytes())
	return err
}

// Shard returns a shard with its content, or ErrNotFound.
func (s *Store) Shard(ctx context.Context, move string, round, number int64) (Shard, error) {
	h := Shard{Move: move, Round: round, Number: number}
	var packed []byte
	err := s.scan(ctx, s.db, fmt.Sprintf("shard %d of %s", number, move), `SELECT first_row, last_row, rows, done, content FROM serve_shards
		WHERE move = $1 AND round = $2 AND number = $3`, []any{move, round, number}, &h.First, &h.Last, &h.Rows, &h.Done, &packed)
	if err != nil {
		return h, err
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err == nil {
		h.Content, err = io.ReadAll(r)
	}
	if err != nil {
		return h, fmt.Errorf("%w: shard %d of %s: %w", ErrDamaged, number, move, err)
	}
	return h, nil
}

// ShardsLeft returns the first shards of a round that are not done, at most limit, without their content.
func (s *Store) ShardsLeft(ctx context.Context, move string, round int64, limit int) ([]Shard, error) {
	return collect(ctx, s, func(row scanner) (Shard, error) {
		h := Shard{Move: move, Round: round}
		return h, row.Scan(&h.Number, &h.First, &h.Last, &h.Rows)
	}, `SELECT number, first_row, last_row, rows FROM serve_shards WHERE move = $1 AND round = $2 AND NOT done ORDER BY number LIMIT $3`, move, round, limit)
}

// ShardDone records that nothing of a shard is left to do.
func (s *Store) ShardDone(ctx context.Context, move string, round, number int64) error {
	_, err := s.exec(ctx, s.db, "UPDATE serve_shards SET done = $4 WHERE move = $1 AND round = $2 AND number = $3", move, round, number, true)
	return err
}

// DropShards deletes the shards of all rounds of a move before one.
func (s *Store) DropShards(ctx context.Context, move string, before int64) error {
	_, err := s.exec(ctx, s.db, "DELETE FROM serve_shards WHERE move = $1 AND round < $2", move, before)
	return err
}

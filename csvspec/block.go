package csvspec

import (
	"context"
	"io"
	"iter"
	"sync"

	"github.com/subferry/subferry/csvspec/internal/scan"
)

// blockSize is how much of a file a block holds, if its records allow: its bytes and their copy as text fit together in
// the cache of a core.
const blockSize = 256 << 10

// Block is a part of a file: some of its rows, in the order of the file.
type Block struct {
	records *scan.RecordReader
	format  *format
	row     Row
}

// Rows returns the rows of the block, with their places in the whole file. The row is the same at each turn, filled
// anew: Clone it to keep it. A string kept from a row keeps its whole block in memory: strings.Clone what is to be
// kept of many.
func (b *Block) Rows() iter.Seq[*Row] {
	return func(yield func(*Row) bool) {
		var src Source
		for src.read(b.records) {
			b.row.fill(&src, b.format)
			if !yield(&b.row) {
				return
			}
		}
	}
}

// EachBlock reads all rows of r that have not been read yet, in blocks, several at a time. newWorker is called
// once for each of the workers, at least one, before they start; it returns a function, which may have state of its
// own, that is given one block after the other. merge is called with the results in the order of the file, and never by
// two goroutines at once.
//
// EachBlock returns nil at the end of the file, else what ended it early: the error of merge, that of ctx, or a
// *ReadError, before which all blocks up to the place of the error have been merged. When it returns, no worker is
// running, and not before may the notes of r be asked for. A reader that ended early cannot be read on.
func EachBlock[T any](ctx context.Context, r *Reader, workers int, newWorker func() func(*Block) T, merge func(T) error) error {
	err := eachBlock(ctx, r, max(workers, 1), newWorker, merge)
	if err != nil && r.err == nil {
		r.err = err
	}
	return err
}

func eachBlock[T any](ctx context.Context, r *Reader, workers int, newWorker func() func(*Block) T, merge func(T) error) error {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()

	todo, inOrder := make(chan job[T]), make(chan job[T], workers)
	blocks := r.blocks()
	var end error
	running.Go(func() {
		defer close(inOrder)
		defer close(todo)
		end = distribute(ctx, blocks, todo, inOrder)
	})
	for range workers {
		do := newWorker()
		running.Go(func() {
			for j := range todo {
				j.result <- do(j.block)
			}
		})
	}
	for j := range inOrder {
		select {
		case result := <-j.result:
			r.noteBlank(j.block.records.BlankLine)
			if err := merge(result); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return r.ended(end)
}

// job is a block and the place for its result.
type job[T any] struct {
	block  *Block
	result chan T
}

// distribute sends each block to both channels: to the one that keeps the order of the file, and to the one from which
// free workers take. It returns how the file ended.
func distribute[T any](ctx context.Context, blocks func() (*Block, error), todo, inOrder chan<- job[T]) error {
	for {
		block, err := blocks()
		if err != nil {
			return err
		}
		j := job[T]{block, make(chan T, 1)}
		for _, to := range []chan<- job[T]{inOrder, todo} {
			select {
			case to <- j:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
}

// blocks returns a function that returns the next block at each call. What is left of the chunk that Read was at
// comes first.
func (r *Reader) blocks() func() (*Block, error) {
	left, ended := r.current, r.err
	r.current = nil
	r.chunker.Size = max(r.chunker.Size, blockSize)
	return func() (*Block, error) {
		if ended != nil {
			return nil, ended
		}
		if records := left; records != nil {
			left = nil
			return &Block{records: records, format: r.format}, nil
		}
		c, err := r.chunker.Next()
		if err != nil {
			return nil, readError(err)
		}
		return &Block{records: scan.NewRecordReader(c), format: r.format}, nil
	}
}

// ended remembers how the file ended and returns it, nil for a file read to its end.
func (r *Reader) ended(err error) error {
	if r.err == nil {
		r.end(err)
	}
	if r.err == io.EOF {
		return nil
	}
	return r.err
}

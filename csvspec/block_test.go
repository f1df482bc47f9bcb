package csvspec_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
)

// blockRows reads a file in blocks and returns all there is to say about each row.
func blockRows(t *testing.T, file []byte) ([]csvspec.Row, []csvspec.Note) {
	t.Helper()
	r, err := csvspec.NewReader(bytes.NewReader(file), csvspec.ReadOptions{Unit: csvspec.UnitMinor})
	require.NoError(t, err)
	var all []csvspec.Row
	err = csvspec.EachBlock(context.Background(), r, 3, keepRows, func(rows []csvspec.Row) error {
		all = append(all, rows...)
		return nil
	})
	require.NoError(t, err)
	return all, r.Notes()
}

// keepRows makes a worker that returns copies of the rows of a block.
func keepRows() func(*csvspec.Block) []csvspec.Row {
	return func(b *csvspec.Block) []csvspec.Row {
		var rows []csvspec.Row
		for row := range b.Rows() {
			rows = append(rows, *row.Clone())
		}
		return rows
	}
}

// messyRows is how many rows messy has: blank lines cut every eleventh row in two.
const messyRows = 40_000 + 3_636

// messy returns a file of several blocks in which cells have quotes, line ends, other people's alphabets and damage.
func messy() []byte {
	var b bytes.Buffer
	b.WriteString("customer,start_date,metadata.note,price\n")
	for i := range 40_000 {
		b.WriteString("cus_A,1893456000,")
		switch i % 11 {
		case 1:
			b.WriteString(`"say ""hi"", twice"`)
		case 2:
			b.WriteString("\"two\nlines\"")
		case 3:
			b.WriteString("überall")
		case 5:
			b.WriteString(`"never closed`)
		case 7:
			b.WriteString("\n\n")
		case 8:
			b.WriteString(strings.Repeat("long ", i%1000))
		case 9:
			b.WriteString(`5" pipe`)
		}
		b.WriteString(",price_B\n")
	}
	return b.Bytes()
}

func TestBlocksGiveTheSameRows(t *testing.T) {
	file := messy()
	rows, notes := blockRows(t, file)
	r, err := csvspec.NewReader(iotest.HalfReader(bytes.NewReader(file)), csvspec.ReadOptions{Unit: csvspec.UnitMinor})
	require.NoError(t, err)
	n := 0
	for row, err := range r.All() {
		require.NoError(t, err)
		requireSameRow(t, row, &rows[n])
		n++
	}
	require.Len(t, rows, n)
	require.Equal(t, r.Notes(), notes)
	require.Greater(t, len(file), 5<<20, "several blocks")
}

func requireSameRow(t *testing.T, want, got *csvspec.Row) {
	t.Helper()
	require.Equal(t, want.Source.Row, got.Source.Row)
	require.Equal(t, want.Source.Line, got.Source.Line)
	require.Equal(t, want.Source.Offset(), got.Source.Offset())
	require.Equal(t, want.Source.Raw(), got.Source.Raw())
	require.Equal(t, len(want.Source.Faults), len(got.Source.Faults))
	require.Equal(t, want.Customer, got.Customer)
	require.Equal(t, want.Price, got.Price)
	require.Equal(t, want.Metadata.Get("note"), got.Metadata.Get("note"))
}

func TestEachBlockGoesOnWhereReadStopped(t *testing.T) {
	r, err := csvspec.NewReader(strings.NewReader("customer,price\na,b\nc,d\ne,f\n"), csvspec.ReadOptions{})
	require.NoError(t, err)
	var row csvspec.Row
	require.NoError(t, r.Read(&row))
	var rest []string
	require.NoError(t, csvspec.EachBlock(context.Background(), r, 2, keepRows, func(rows []csvspec.Row) error {
		for _, row := range rows {
			rest = append(rest, row.Customer)
		}
		return nil
	}))
	require.Equal(t, []string{"c", "e"}, rest)
	require.ErrorIs(t, r.Read(&row), io.EOF)
}

func TestEachBlockEndsEarly(t *testing.T) {
	broken := errors.New("broken")
	file := messy()
	open := func(more io.Reader) *csvspec.Reader {
		r, err := csvspec.NewReader(io.MultiReader(bytes.NewReader(file), more), csvspec.ReadOptions{})
		require.NoError(t, err)
		return r
	}
	rows := 0
	count := func(block []csvspec.Row) error { rows += len(block); return nil }

	t.Run("the input fails", func(t *testing.T) {
		rows = 0
		err := csvspec.EachBlock(context.Background(), open(iotest.ErrReader(broken)), 2, keepRows, count)
		var at *csvspec.ReadError
		require.ErrorAs(t, err, &at)
		require.ErrorIs(t, err, broken)
		require.Equal(t, messyRows, rows, "all rows before the failure were merged")
		require.EqualValues(t, len(file), at.Offset)
	})
	t.Run("merge fails", func(t *testing.T) {
		r := open(strings.NewReader(""))
		err := csvspec.EachBlock(context.Background(), r, 0, keepRows, func([]csvspec.Row) error { return broken })
		require.ErrorIs(t, err, broken)
		require.ErrorIs(t, r.Read(&csvspec.Row{}), broken, "a reader that ended early stays ended")
	})
	t.Run("canceled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		err := csvspec.EachBlock(ctx, open(strings.NewReader("")), 2, keepRows, func([]csvspec.Row) error { cancel(); return nil })
		require.ErrorIs(t, err, context.Canceled)
	})
	t.Run("header only", func(t *testing.T) {
		r, err := csvspec.NewReader(strings.NewReader("customer\n"), csvspec.ReadOptions{})
		require.NoError(t, err)
		require.NoError(t, csvspec.EachBlock(context.Background(), r, 2, keepRows, count))
		require.Equal(t, csvspec.NoteNoRows, r.Notes()[0].Kind)
	})
	t.Run("empty", func(t *testing.T) {
		r, err := csvspec.NewReader(strings.NewReader(""), csvspec.ReadOptions{})
		require.NoError(t, err)
		require.NoError(t, csvspec.EachBlock(context.Background(), r, 2, keepRows, count))
		require.Len(t, r.Notes(), 1)
	})
}

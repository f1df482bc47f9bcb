package validate_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
)

// spoilt returns a file of many blocks with mistakes here and there, and duplicates far apart.
func spoilt(rows int) string {
	var b strings.Builder
	b.WriteString("customer,start_date,price,quantity,metadata.third_party_sub_id,metadata.note\n")
	for i := range rows {
		switch i % 1000 {
		case 7:
			fmt.Fprintf(&b, "cus_%d,2027-02-01T00:00:00Z,price_Pro,1,S-%d,\"two\nlines\"\n", i, i)
		case 500:
			fmt.Fprintf(&b, "cus_%d,1801440000,price_Pro,0,S-%d,\n", i, i)
		case 900:
			fmt.Fprintf(&b, "cus_%d,1798765200,price_Pro,1,S-%d,\n", i, i)
		case 999:
			fmt.Fprintf(&b, "cus_%d,1801440000,price_Pro,1,S-%d,again\n", i%5000/1000, i%5000/1000)
		default:
			fmt.Fprintf(&b, "cus_%d,1801440000,price_Pro,1,S-%d,%s\n", i, i, strings.Repeat("x", i%90))
		}
	}
	return b.String()
}

// oneWay hides that a reader can be rewound.
type oneWay struct{ io.Reader }

// TestAllWaysAgree validates one file in all ways: in blocks on all processors, row by row, and row by row from a
// reader that cannot be rewound.
func TestAllWaysAgree(t *testing.T) {
	text := spoilt(40_000)
	whole, err := validate.File(context.Background(), "x.csv", strings.NewReader(text), minorUnits())
	require.NoError(t, err)
	require.Greater(t, len(whole.Findings), 100)
	require.Equal(t, whole.Rows, whole.Valid+whole.Invalid+whole.Deferred)

	for name, r := range map[string]io.Reader{"rewound": strings.NewReader(text), "one way": oneWay{strings.NewReader(text)}} {
		var all validate.Findings
		states := map[validate.State]int{}
		rows := 0
		report, err := validate.Each(context.Background(), "x.csv", r, minorUnits(), func(row *csvspec.Row, found []validate.Finding) error {
			rows++
			require.Equal(t, rows, row.Source.Row)
			all = append(all, found...)
			states[validate.Findings(found).State()]++
			return nil
		})
		require.NoError(t, err)
		all = append(all, report.Findings...)
		all.Sort()
		require.Equal(t, whole.Findings, all, name)
		require.Equal(t, []int{whole.Valid, whole.Deferred, whole.Invalid}, []int{report.Valid, report.Deferred, report.Invalid}, name)
		require.Equal(t, whole.SHA256, report.SHA256)
		require.Equal(t, whole.FirstStart, report.FirstStart)
		require.Equal(t, whole.Customers, report.Customers)
		if name == "rewound" {
			require.Equal(t, whole.Invalid, states[validate.Invalid], "each row is visited with everything that is known of it")
		}
	}
}

func TestReportIsAboutTheBytes(t *testing.T) {
	text := "customer,start_date,price\r\ncus_Ada,1801440000,price_Pro\r\ncus_Ada,1801450000,price_Pro\r\n"
	sum := sha256.Sum256([]byte(text))
	report := file(t, "x.csv", text, minorUnits())
	require.Equal(t, hex.EncodeToString(sum[:]), report.SHA256)
	require.Equal(t, 1, report.Customers)
	require.Equal(t, "2027-02-01T00:00:00Z", report.FirstStart.Format("2006-01-02T15:04:05Z07:00"))
	require.True(t, report.OK())

	opts := minorUnits()
	opts.Unhashed = true
	report.SHA256 = ""
	require.Equal(t, report, file(t, "x.csv", text, opts), "nothing else depends on the hash")
}

// TestAFileThatChangesWhileItIsRead: what was judged the first time must be what is visited the second time.
func TestAFileThatChangesWhileItIsRead(t *testing.T) {
	text := "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n"
	f := &changing{Reader: strings.NewReader(text), later: strings.Replace(text, "Ada", "Bob", 1)}
	_, err := validate.Each(context.Background(), "x.csv", f, minorUnits(), func(*csvspec.Row, []validate.Finding) error { return nil })
	require.ErrorIs(t, err, validate.ErrChanged)
	require.ErrorContains(t, err, "x.csv")
}

// changing is another file after it was rewound.
type changing struct {
	*strings.Reader
	later string
}

func (c *changing) Seek(at int64, whence int) (int64, error) {
	if whence == io.SeekStart {
		c.Reader.Reset(c.later)
	}
	return c.Reader.Seek(at, whence)
}

func TestErrorsOfReading(t *testing.T) {
	broken := errors.New("the cable was pulled")
	r := io.MultiReader(strings.NewReader("customer,start_date,price\ncus_Ada,"), failing{broken})
	_, err := validate.File(context.Background(), "x.csv", r, minorUnits())
	require.ErrorIs(t, err, broken)
	require.ErrorContains(t, err, "x.csv")

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = validate.File(ctx, "x.csv", strings.NewReader(spoilt(10)), minorUnits())
	require.ErrorIs(t, err, context.Canceled)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestVisitorEndsTheValidation(t *testing.T) {
	enough := errors.New("enough")
	_, err := validate.Each(context.Background(), "x.csv", strings.NewReader(spoilt(10)), minorUnits(),
		func(*csvspec.Row, []validate.Finding) error { return enough })
	require.Equal(t, enough, err)
	_, err = validate.Scan(context.Background(), "x.csv", strings.NewReader(spoilt(3000)), minorUnits(),
		func(validate.Findings) error { return enough })
	require.Equal(t, enough, err)
}

// TestNothingIsLeftBehind looks for temporary files.
func TestNothingIsLeftBehind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	text := "customer,start_date,price\n" + strings.Repeat("cus_Ada,1801440000,price_Pro\n", 400_000)
	report, err := validate.Scan(context.Background(), "x.csv", strings.NewReader(text), minorUnits(), nil)
	require.NoError(t, err)
	require.Equal(t, 1, report.Customers)
	require.Equal(t, 399_999, report.Invalid)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestStrict(t *testing.T) {
	text := "customer,start_date,price,quantity\ncus_Ada,1801440000,price_Pro,0\n"
	require.True(t, file(t, "x.csv", text, minorUnits()).OK())
	strict := minorUnits()
	strict.Strict = true
	require.False(t, file(t, "x.csv", text, strict).OK())

	example := "customer,start_date,price,add_invoice_items.0.amount,add_invoice_items.0.product,add_invoice_items.0.currency\n" +
		"cus_Ada,1801440000,price_Pro,500,prod_Setup,usd\n"
	strict.Unit = csvspec.UnitUnstated
	report := file(t, "x.csv", example, strict)
	require.Zero(t, report.Invalid, "what shows one row as an example is about the file")
	require.False(t, report.OK())
}

func TestAllowedColumns(t *testing.T) {
	text := "customer,start_date,price,Remark\ncus_Ada,1801440000,price_Pro,x\n"
	require.False(t, file(t, "x.csv", text, minorUnits()).OK())
	opts := minorUnits()
	opts.AllowColumns = []string{"Remark"}
	require.True(t, file(t, "x.csv", text, opts).OK())
}

// TestOK is about files that have nothing to upload.
func TestOK(t *testing.T) {
	require.False(t, file(t, "x.csv", "", minorUnits()).OK())
	require.False(t, file(t, "x.csv", "customer,start_date,price\n", minorUnits()).OK())
	late := "customer,start_date,price\ncus_Ada,1798765200,price_Pro\n"
	report := file(t, "x.csv", late, minorUnits())
	require.Equal(t, 1, report.Deferred)
	require.False(t, report.OK(), "nothing is left to upload")
	require.True(t, file(t, "x.csv", late+"cus_Bob,1801440000,price_Pro\n", minorUnits()).OK(), "deferred rows do not block the others")
}

// TestTooLarge reads a file that is over the limit of Stripe's toolkit without having it.
func TestTooLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 121 MB")
	}
	row := "cus_Ada,1801440000,price_Pro," + strings.Repeat("x", 400) + "\n"
	text := io.MultiReader(strings.NewReader("customer,start_date,price,metadata.note\n"),
		io.LimitReader(&repeat{text: []byte(row)}, int64(len(row))*(121_000_000/int64(len(row)))))
	report, err := validate.Scan(context.Background(), "x.csv", text, minorUnits(), nil)
	require.NoError(t, err)
	require.True(t, slices.Contains(codes(report.Findings), "file_too_large"))
}

// repeat reads its text again and again.
type repeat struct {
	text []byte
	at   int
}

func (r *repeat) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		c := copy(p[n:], r.text[r.at:])
		n += c
		r.at = (r.at + c) % len(r.text)
	}
	return n, nil
}

// TestALongCellIsShownInPart: whoever pastes a document into a cell gets its beginning shown, and its place in full.
func TestALongCellIsShownInPart(t *testing.T) {
	text := "customer,start_date,price,quantity\ncus_Ada,1801440000,price_Pro," + strings.Repeat("x", 100_000) + "\n"
	report := file(t, "x.csv", text, minorUnits())
	f := report.Findings[0]
	require.Equal(t, "quantity", f.Column)
	require.Less(t, len(f.Excerpt.Text), 1000)
	require.Equal(t, len(f.Excerpt.Text), f.Excerpt.End)
	require.Equal(t, 30, f.Excerpt.Column)
	require.Equal(t, 100_030, f.Excerpt.EndColumn)
}

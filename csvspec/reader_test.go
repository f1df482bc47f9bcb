package csvspec_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
)

// records reads a file and returns each row as "line: [cell] [cell] fault@cell".
func records(t *testing.T, file string) ([]string, *csvspec.Reader) {
	t.Helper()
	r, err := csvspec.NewReader(strings.NewReader(file), csvspec.ReadOptions{})
	require.NoError(t, err)
	var lines []string
	for row, err := range r.All() {
		require.NoError(t, err)
		lines = append(lines, describe(row.Source))
	}
	return lines, r
}

func describe(src *csvspec.Source) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d:", src.Line)
	for i := range src.Len() {
		fmt.Fprintf(&b, " [%s]", src.Text(i))
	}
	for _, f := range src.Faults {
		fmt.Fprintf(&b, " %s@%d", faultName(f.Kind), f.Index)
	}
	return b.String()
}

func faultName(k csvspec.FaultKind) string {
	return map[csvspec.FaultKind]string{
		csvspec.FaultUnclosedQuote: "unclosed", csvspec.FaultTextAfterQuote: "text-after",
		csvspec.FaultSpaceBesideQuote: "space", csvspec.FaultBareQuote: "bare", csvspec.FaultNUL: "nul",
		csvspec.FaultControl: "control", csvspec.FaultEncoding: "encoding",
	}[k]
}

func TestReaderFindsRecords(t *testing.T) {
	const head = "customer,price\n"
	tests := []struct {
		name, file string
		want       []string
	}{
		{"plain", head + "a,b\nc,d\n", []string{"2: [a] [b]", "3: [c] [d]"}},
		{"no line end at the end", head + "a,b", []string{"2: [a] [b]"}},
		{"CRLF", "customer,price\r\na,b\r\n", []string{"2: [a] [b]"}},
		{"CR alone", "customer,price\ra,b\rc,d", []string{"2: [a] [b]", "3: [c] [d]"}},
		{"CR at the end", head + "a,b\r", []string{"2: [a] [b]"}},
		{"blank lines", head + "\n\na,b\n  \n\r\nc,d\n\n", []string{"4: [a] [b]", "7: [c] [d]"}},
		{"blank cells", head + ",\n,b\n", []string{"2: [] []", "3: [] [b]"}},
		{"ragged", head + "a\na,b,c\na,\n", []string{"2: [a]", "3: [a] [b] [c]", "4: [a] []"}},
		{"separator at the end", head + "a,b,", []string{"2: [a] [b] []"}},
		{"quotes", head + `"a,1","b ""x"""` + "\n", []string{`2: [a,1] [b "x"]`}},
		{"quoted line end", head + "\"a\nb\",c\nd,e\n", []string{"2: [a\nb] [c]", "4: [d] [e]"}},
		{"empty quotes", head + `"",""""`, []string{`2: [] ["]`}},
		{"spaces beside quotes", head + ` "a" , "b,c"` + "\n", []string{"2: [a] [b,c] space@0 space@1"}},
		{"spaces are kept", head + " a ,\tb\n", []string{"2: [ a ] [\tb]"}},
		{"quote inside a cell", head + `5" pipe,b` + "\n", []string{`2: [5" pipe] [b] bare@0`}},
		{"quotes not doubled", head + `"John "Johnny" Doe",b` + "\n", []string{`2: [John "Johnny" Doe] [b] text-after@0`}},
		{"text after a quote", head + `"a"b,c` + "\nd,e\n", []string{`2: ["a"b] [c] text-after@0`, "3: [d] [e]"}},
		{"unclosed, no quote follows", head + "\"a,b\nc,d\n", []string{`2: ["a] [b] unclosed@0`, "3: [c] [d]"}},
		{"unclosed, quotes follow", head + "a,\"b\nc,\"d,1\"\ne,f\n", []string{`2: [a] ["b] unclosed@1`, "3: [c] [d,1]", "4: [e] [f]"}},
		{"unclosed, all is quoted", "\"customer\",\"price\"\n\"a\",\"b\n\"c\",\"d\"\n", []string{`2: [a] ["b] unclosed@1`, "3: [c] [d]"}},
		{"unclosed at the end", head + "a,b\nc,\"d", []string{"2: [a] [b]", `3: [c] ["d] unclosed@1`}},
		{"NUL and controls", head + "a\x00\x00,b\x07\n", []string{"2: [a\x00\x00] [b\x07] nul@0 control@1"}},
		{"not UTF-8", head + "ä,b\nc,\xffd\n", []string{"2: [ä] [b]", "3: [c] [\xffd] encoding@1"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, _ := records(t, test.file)
			require.Equal(t, test.want, got)
		})
	}
}

func TestReaderTakesCareOfTheFile(t *testing.T) {
	const want = "2: [cus_é] [price_b]"
	utf16 := func(order [2]int, s string) string {
		var b strings.Builder
		for _, r := range s {
			pair := [2]byte{byte(r), byte(r >> 8)}
			b.WriteByte(pair[order[0]])
			b.WriteByte(pair[order[1]])
		}
		return b.String()
	}
	text := "customer,price\ncus_é,price_b\n"
	tests := []struct {
		name, file string
		want       []csvspec.NoteKind
	}{
		{"UTF-8", text, nil},
		{"byte order mark", "\uFEFF" + text, []csvspec.NoteKind{csvspec.NoteBOM}},
		{"UTF-16 LE", "\xFF\xFE" + utf16([2]int{0, 1}, text), []csvspec.NoteKind{csvspec.NoteUTF16}},
		{"UTF-16 BE", "\xFE\xFF" + utf16([2]int{1, 0}, text), []csvspec.NoteKind{csvspec.NoteUTF16}},
		{"Windows-1252", strings.ReplaceAll(text, "é", "\xE9"), []csvspec.NoteKind{csvspec.NoteWindows1252}},
		{"semicolons", strings.ReplaceAll(text, ",", ";"), []csvspec.NoteKind{csvspec.NoteSemicolon}},
		{"tabs", strings.ReplaceAll(text, ",", "\t"), []csvspec.NoteKind{csvspec.NoteTab}},
		{"old Mac", strings.ReplaceAll(text, "\n", "\r"), []csvspec.NoteKind{csvspec.NoteCarriageReturns}},
		{"separator line", "sep=,\n" + text, []csvspec.NoteKind{csvspec.NoteSeparatorLine}},
		{"blank lines", text + "\n\n", []csvspec.NoteKind{csvspec.NoteBlankLines}},
		{"Unicode text", "\xFF\xFE" + utf16([2]int{0, 1}, strings.ReplaceAll(text, ",", "\t")),
			[]csvspec.NoteKind{csvspec.NoteUTF16, csvspec.NoteTab}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, r := records(t, test.file)
			require.Len(t, got, 1)
			require.Equal(t, want[1:], got[0][1:])
			var kinds []csvspec.NoteKind
			for _, n := range r.Notes() {
				kinds = append(kinds, n.Kind)
			}
			require.Equal(t, test.want, kinds)
		})
	}
}

func TestTheSeparatorLineIsNoRow(t *testing.T) {
	got, r := records(t, "sep=;\r\ncustomer;price\r\ncus_A;a,b\r\ncus_B;c\r\n")
	require.Equal(t, []string{"3: [cus_A] [a,b]", "4: [cus_B] [c]"}, got)
	require.Equal(t, 2, r.Header().Line)
	require.Zero(t, r.Header().Source().Row)

	got, _ = records(t, "sep=|\ncustomer|price\ncus_A|b")
	require.Equal(t, []string{"3: [cus_A] [b]"}, got)

	_, r = records(t, "sep=;")
	require.Equal(t, csvspec.NoteEmpty, r.Notes()[2].Kind)
}

func TestReaderWithoutRows(t *testing.T) {
	for file, want := range map[string]csvspec.NoteKind{
		"": csvspec.NoteEmpty, "\n \n": csvspec.NoteEmpty, "\uFEFF": csvspec.NoteEmpty,
		"customer": csvspec.NoteNoRows, "customer\n\n": csvspec.NoteNoRows,
	} {
		got, r := records(t, file)
		require.Empty(t, got)
		require.Contains(t, fmt.Sprint(r.Notes()), fmt.Sprintf("{%d ", want), "file %q", file)
	}
}

func TestReaderSaysWhereReadingBrokeOff(t *testing.T) {
	broken := errors.New("the disk is gone")
	file := "customer,price\na,b\nc,d"
	r, err := csvspec.NewReader(io.MultiReader(strings.NewReader(file), iotest.ErrReader(broken)), csvspec.ReadOptions{})
	require.NoError(t, err)
	var row csvspec.Row
	require.NoError(t, r.Read(&row))
	require.Equal(t, "a", row.Customer)
	err = r.Read(&row)
	require.ErrorIs(t, err, broken)
	var at *csvspec.ReadError
	require.ErrorAs(t, err, &at)
	require.Equal(t, 3, at.Line)
	require.EqualValues(t, strings.Index(file, "c,d"), at.Offset)
	require.Equal(t, err, r.Read(&row), "the error stays")
}

func TestReaderRefusesARecordWithoutEnd(t *testing.T) {
	endless := io.MultiReader(strings.NewReader("customer,price\na,"), neverending('x'))
	r, err := csvspec.NewReader(endless, csvspec.ReadOptions{})
	require.NoError(t, err)
	var row csvspec.Row
	require.ErrorIs(t, r.Read(&row), csvspec.ErrRecordTooLong)
}

type neverending byte

func (n neverending) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(n)
	}
	return len(p), nil
}

func TestReaderPositions(t *testing.T) {
	file := "\uFEFFcustomer,price\r\n\"a\r\nb\",c\r\n\r\nd, e\r\n"
	r, err := csvspec.NewReader(strings.NewReader(file), csvspec.ReadOptions{})
	require.NoError(t, err)
	var row csvspec.Row
	require.NoError(t, r.Read(&row))
	require.Equal(t, csvspec.Cell{Text: "a\r\nb", Raw: "\"a\r\nb\"", Line: 2, Byte: 1, Offset: 19}, row.Source.Cell(0))
	require.Equal(t, csvspec.Cell{Text: "c", Raw: "c", Line: 3, Byte: 4, Offset: 26}, row.Source.Cell(1))
	require.NoError(t, r.Read(&row))
	require.Equal(t, csvspec.Cell{Text: " e", Raw: " e", Line: 5, Byte: 3, Offset: 33}, row.Source.Cell(1))
	require.Equal(t, "d, e\r\n", row.Source.Raw())
	require.Equal(t, 2, row.Source.Row)
	cell, ok := row.Cell("price")
	require.True(t, ok)
	require.Equal(t, " e", cell.Text)
	require.Equal(t, "e", row.Price, "typed values have no spaces around them")
}

func TestReadingARowAllocatesNothing(t *testing.T) {
	file := benchFile(20_000)
	perFile := testing.AllocsPerRun(3, func() {
		n, err := readRows(file)
		require.NoError(t, err)
		require.Equal(t, 20_000, n)
	})
	require.Less(t, perFile, 1_000.0, "memory is taken per piece of the file, not per row")
}

func TestPaddedRowsAreTold(t *testing.T) {
	for record, want := range map[string]bool{
		"a,b": false, "a b,c": false, ",": false, "a ,b": true, "a, ": true, `" a",b`: true, "a,\u00a0b": true, "é,b": false,
		"a,b, c": false, `"a" ,b`: false,
	} {
		r, err := csvspec.NewReader(strings.NewReader("customer,price\n"+record), csvspec.ReadOptions{})
		require.NoError(t, err)
		var row csvspec.Row
		require.NoError(t, r.Read(&row))
		require.Equal(t, want, row.Source.Padded, record)
	}
}

func TestUnreadableCells(t *testing.T) {
	file := "customer,start_date,quantity,automatic_tax,adhoc_items.1.amount,adhoc_items.1.currency,trial_end,days_until_due\n" +
		"cus_A,2030-01-01,2.5,yes,21.50,usd,0,99999999999999999999\n" +
		"cus_B,1893456000, 2 ,TRUE,2150,usd,,\n"
	r, err := csvspec.NewReader(strings.NewReader(file), csvspec.ReadOptions{Unit: csvspec.UnitMinor})
	require.NoError(t, err)
	var row csvspec.Row
	require.NoError(t, r.Read(&row))
	for _, want := range []struct {
		field   csvspec.Field
		item    int
		problem csvspec.Problem
	}{
		{csvspec.FieldCustomer, 0, csvspec.ProblemNone},
		{csvspec.FieldStartDate, 0, csvspec.ProblemNotTimestamp},
		{csvspec.FieldQuantity, 0, csvspec.ProblemNotInteger},
		{csvspec.FieldAutomaticTax, 0, csvspec.ProblemNotBoolean},
		{csvspec.FieldAdhocAmount, 1, csvspec.ProblemMinorHasDecimals},
		{csvspec.FieldAdhocAmount, 0, csvspec.ProblemNone},
		{csvspec.FieldTrialEnd, 0, csvspec.ProblemOutOfRange},
		{csvspec.FieldDaysUntilDue, 0, csvspec.ProblemOutOfRange},
	} {
		require.Equal(t, want.problem, row.Unreadable(want.field, want.item), want.field.String())
	}
	require.Len(t, row.AdhocItems, 2, "an item with an unreadable cell is an item")
	require.False(t, row.Quantity.Set || row.AdhocItems[1].Amount.Set || row.DaysUntilDue.Set)

	require.NoError(t, r.Read(&row), "reading goes on")
	require.Empty(t, row.Source.Bad)
	require.Equal(t, csvspec.Of(2), row.Quantity)
	require.Equal(t, "21.50 USD", row.AdhocItems[1].Money().String())
	require.True(t, bool(row.AutomaticTax))
}

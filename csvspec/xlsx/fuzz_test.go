package xlsx_test

import (
	"archive/zip"
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/xlsx"
)

// FuzzSheet: whatever the worksheet and the styles of a workbook say, reading ends with rows or with an error.
func FuzzSheet(f *testing.F) {
	base := template(f)
	sheet, styles := base["xl/worksheets/sheet1.xml"], base["xl/styles.xml"]
	f.Add(sheet, styles)
	f.Add([]byte(`<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="9"><c t="b"><v>1</v></c></row></sheetData></worksheet>`), styles)
	f.Add([]byte(`<worksheet><sheetData><row r="1"><c r="ZZ1" s="99"><v>1E400</v></c><c r="B1" t="inlineStr"><is><t>x</t></is></c></row>`), styles)
	f.Fuzz(func(t *testing.T, sheet, styles []byte) {
		book := withParts(t, base, map[string][]byte{"xl/worksheets/sheet1.xml": sheet, "xl/styles.xml": styles})
		w, err := xlsx.Open(book, xlsx.Options{})
		if err != nil {
			return
		}
		defer func() { require.NoError(t, w.Close()) }()
		for row, err := range w.Rows().All() {
			if err != nil {
				return
			}
			for i := range row.Source.Len() {
				require.NotEmpty(t, row.Source.Cell(i).Ref)
			}
		}
	})
}

// template returns the parts of a workbook as this package's tests make them.
func template(t testing.TB) map[string][]byte {
	book := workbook(t, nil, []any{"customer", "start_date"}, []any{"cus_A", shown{45000, "yyyy-mm-dd"}})
	z, err := zip.NewReader(bytes.NewReader(book.Bytes()), int64(book.Len()))
	require.NoError(t, err)
	parts := map[string][]byte{}
	for _, file := range z.File {
		f, err := file.Open()
		require.NoError(t, err)
		parts[file.Name], err = io.ReadAll(f)
		require.NoError(t, err)
	}
	return parts
}

// withParts returns a workbook of the parts, some of them changed.
func withParts(t testing.TB, parts, changed map[string][]byte) io.Reader {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range parts {
		if other, ok := changed[name]; ok {
			text = other
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		require.NoError(t, err)
		_, err = w.Write(text)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return &b
}

func TestALargeNumberOfRowsIsNoReasonToFail(t *testing.T) {
	last := `<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>customer</v></c></row>` +
		`<row r="1048576"><c r="A1048576" t="str"><v>cus_A</v></c></row></sheetData></worksheet>`
	w, err := xlsx.Open(withParts(t, template(t), map[string][]byte{"xl/worksheets/sheet1.xml": []byte(last)}), xlsx.Options{})
	require.NoError(t, err)
	defer w.Close()
	var row csvspec.Row
	require.NoError(t, w.Rows().Read(&row))
	require.Equal(t, "A1048576", row.Source.Cell(0).Ref)
	require.Equal(t, 1, row.Source.Row)
}

func TestASheetThatBreaksOffIsRefused(t *testing.T) {
	const begin = `<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>customer</v></c></row><row r="2"><c r="A2" t="str"><v>cus_A</v></c></row>`
	for name, end := range map[string]string{"cut": "", "an element too many": "</x></sheetData></worksheet>"} {
		book := withParts(t, template(t), map[string][]byte{"xl/worksheets/sheet1.xml": []byte(begin + end)})
		_, err := xlsx.Open(book, xlsx.Options{})
		require.ErrorContains(t, err, "xl/worksheets/sheet1.xml is damaged", name)
	}
}

package csvspec_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
)

func TestForeign(t *testing.T) {
	for begins, want := range map[string]string{
		"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\x00\x00": "an Excel workbook of the old kind (.xls)",
		"%PDF-1.7\n":                   "a PDF document",
		"\x89PNG\r\n\x1a\n\x00":        "an image (PNG)",
		"\xFF\xD8\xFF\xE0":             "an image (JPEG)",
		"GIF89a\x01":                   "an image (GIF)",
		"BM\x36\x00\x00\x00":           "an image (BMP)",
		"RIFF\x24\x00\x00\x00WEBPVP8 ": "an image (WebP)",
		"\x00\x00\x00\x18ftypheic\x00": "an image or a film",
		"\x1f\x8b\x08":                 "compressed with gzip",
		"7z\xBC\xAF\x27\x1C":           "a 7z archive",
		"Rar!\x1a\x07\x01":             "a RAR archive",
		"PK\x05\x06\x00":               "an empty zip archive",
		"\x7fELF\x02":                  "a program",
		"\xCF\xFA\xED\xFE":             "a program",
		"MZ\x90\x00\x03":               "a program",
		"SQLite format 3\x00":          "an SQLite database",
		"PAR1\x15\x04":                 "a Parquet file",
		`{\rtf1\ansi`:                  "a text document (RTF)",
		"x.csv" + strings.Repeat("\x00", 252) + "ustar\x00": "a tar archive",
	} {
		e := csvspec.Foreign([]byte(begins))
		require.NotNil(t, e, "%q", begins)
		require.Contains(t, e.Error(), "this is "+e.What+", not a CSV file or an Excel workbook (.xlsx): ")
		require.Contains(t, e.What, want, "%q", begins)
	}
	for _, text := range []string{"", "customer,start_date", "MZ,start_date", "BM;price", "RIFF,WEBP", "PK,customer", "\xEF\xBB\xBFcustomer", "c\x00u\x00s\x00t\x00o\x00m\x00", "%PD"} {
		require.Nil(t, csvspec.Foreign([]byte(text)), "%q may be a table", text)
	}
}

func TestStripeExport(t *testing.T) {
	require.True(t, csvspec.IsStripeExport([]string{"id", "Customer ID", "Customer Email", "Plan", "Quantity", "Status", "Current Period End (UTC)"}))
	require.True(t, csvspec.IsStripeExport([]string{"\uFEFFID", " customer id ", "product", "STATUS", "Current period end"}))
	require.False(t, csvspec.IsStripeExport([]string{"customer", "start_date", "price"}))
	require.False(t, csvspec.IsStripeExport([]string{"Customer ID", "Plan", "Status"}))
	require.False(t, csvspec.IsStripeExport(nil))
}

package csvspec

import (
	"bytes"
	"strings"
)

// ForeignError tells that a file is neither text nor an Excel workbook (.xlsx), but something whose first bytes are
// known.
type ForeignError struct {
	What   string // a PDF document
	Remedy string // what to do, in the imperative; "" is saving it as .xlsx or CSV
}

// Error says what the file is and what to do.
func (e *ForeignError) Error() string {
	remedy := e.Remedy
	if remedy == "" {
		remedy = "save it as .xlsx or CSV"
	}
	return "this is " + e.What + ", not a CSV file or an Excel workbook (.xlsx): " + remedy
}

// ForeignHead is how many bytes of the beginning of a file Foreign looks at.
const ForeignHead = 512

const (
	unpackIt = "unpack it, and name the file inside"
	exportIt = "export the table as CSV from the program that it belongs to"
)

// Foreign tells what a file that begins with head is if it cannot be a table; nil when it may be one, as every text
// may. Zipped files are left to package xlsx, which looks inside.
func Foreign(head []byte) *ForeignError {
	for _, known := range []struct{ begins, what, remedy string }{
		{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an Excel workbook of the old kind (.xls), or one that is locked with a password", "open it in Excel and save it as .xlsx without a password, or as CSV"},
		{"%PDF-", "a PDF document", ""},
		{"\x89PNG\r\n\x1a\n", "an image (PNG)", "export the table itself as .xlsx or CSV"},
		{"\xFF\xD8\xFF", "an image (JPEG)", "export the table itself as .xlsx or CSV"},
		{"GIF87a", "an image (GIF)", "export the table itself as .xlsx or CSV"},
		{"GIF89a", "an image (GIF)", "export the table itself as .xlsx or CSV"},
		{"II*\x00", "an image (TIFF)", "export the table itself as .xlsx or CSV"},
		{"MM\x00*", "an image (TIFF)", "export the table itself as .xlsx or CSV"},
		{"\x1f\x8b", "a file compressed with gzip", unpackIt},
		{"BZh91AY&SY", "a file compressed with bzip2", unpackIt},
		{"\xFD7zXZ\x00", "a file compressed with xz", unpackIt},
		{"\x28\xB5\x2F\xFD", "a file compressed with zstd", unpackIt},
		{"7z\xBC\xAF\x27\x1C", "a 7z archive", unpackIt},
		{"Rar!\x1a\x07", "a RAR archive", unpackIt},
		{"PK\x05\x06", "an empty zip archive", "name the file that was to be in it"},
		{"\x7fELF", "a program", "name the file with the subscriptions"},
		{"\xCF\xFA\xED\xFE", "a program", "name the file with the subscriptions"},
		{"\xCE\xFA\xED\xFE", "a program", "name the file with the subscriptions"},
		{"\xCA\xFE\xBA\xBE", "a program", "name the file with the subscriptions"},
		{"SQLite format 3\x00", "an SQLite database", exportIt},
		{"PAR1\x15", "a Parquet file", exportIt},
		{"Obj\x01", "an Avro file", exportIt},
		{"ARROW1\x00", "an Arrow file", exportIt},
		{"{\\rtf", "a text document (RTF)", ""},
		{"bplist00", "a property list of a Mac", ""},
	} {
		if bytes.HasPrefix(head, []byte(known.begins)) {
			return &ForeignError{known.what, known.remedy}
		}
	}
	if bytes.IndexByte(head, 0) < 0 {
		return nil // the letters that follow begin a text as well, in which there are no zeros
	}
	switch text := string(head); {
	case strings.HasPrefix(text, "MZ"):
		return &ForeignError{"a program", "name the file with the subscriptions"}
	case strings.HasPrefix(text, "BM"):
		return &ForeignError{"an image (BMP)", "export the table itself as .xlsx or CSV"}
	case strings.HasPrefix(text, "RIFF") && len(text) > 12 && text[8:12] == "WEBP":
		return &ForeignError{"an image (WebP)", "export the table itself as .xlsx or CSV"}
	case len(text) > 12 && text[4:8] == "ftyp":
		return &ForeignError{"an image or a film", "export the table itself as .xlsx or CSV"}
	case len(text) > 262 && text[257:262] == "ustar":
		return &ForeignError{"a tar archive", unpackIt}
	}
	return nil
}

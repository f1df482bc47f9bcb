package xlsx

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"

	"github.com/subferry/subferry/csvspec"
)

// foreign tells what a zipped file is that is no workbook; nil when it may be one, or is damaged.
func foreign(zipped []byte) *csvspec.ForeignError {
	z, err := zip.NewReader(bytes.NewReader(zipped), int64(len(zipped)))
	if err != nil {
		return nil
	}
	office := false
	for _, part := range z.File {
		name := strings.ToLower(part.Name)
		switch {
		case name == "xl/workbook.bin":
			return &csvspec.ForeignError{What: "an Excel workbook in binary form (.xlsb)"}
		case strings.HasPrefix(name, "word/"):
			return &csvspec.ForeignError{What: "a Word document"}
		case strings.HasPrefix(name, "ppt/"):
			return &csvspec.ForeignError{What: "a PowerPoint presentation"}
		case strings.HasPrefix(name, "index/") && strings.HasSuffix(name, ".iwa"), name == "index.zip", name == "index.apxl":
			return &csvspec.ForeignError{What: "a document of Apple Numbers, Pages or Keynote", Remedy: "export it as CSV or .xlsx"}
		case name == "mimetype":
			if what := openDocument(part); what != "" {
				return &csvspec.ForeignError{What: what}
			}
		case name == "[content_types].xml":
			office = true
		}
	}
	if !office {
		return &csvspec.ForeignError{What: "a zip archive", Remedy: "unpack it, and name the file inside"}
	}
	return nil
}

// openDocument returns what the part mimetype says of a document of LibreOffice and its like, "" for other files.
func openDocument(part *zip.File) string {
	r, err := part.Open()
	if err != nil {
		return ""
	}
	defer r.Close()
	kind, err := io.ReadAll(io.LimitReader(r, 256))
	switch text := string(kind); {
	case err != nil:
		return ""
	case strings.HasPrefix(text, "application/vnd.oasis.opendocument.spreadsheet"):
		return "an OpenDocument spreadsheet (.ods)"
	case strings.HasPrefix(text, "application/"):
		return "a document of another kind (" + strings.TrimSpace(text) + ")"
	}
	return ""
}

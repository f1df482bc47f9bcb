package xlsx

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// whole makes sure that no worksheet of the workbook breaks off. The library ends at the first damage as if the sheet
// ended there, and the rows below would be lost without a word.
func whole(workbook []byte) error {
	z, err := zip.NewReader(bytes.NewReader(workbook), int64(len(workbook)))
	if err != nil {
		return err
	}
	for _, part := range z.File {
		if !strings.HasPrefix(strings.ToLower(part.Name), "xl/worksheets/sheet") {
			continue
		}
		if err := wellFormed(part); err != nil {
			return fmt.Errorf("its part %s is damaged: %w", part.Name, err)
		}
	}
	return nil
}

// wellFormed reads a part to its end, as far as one may be that is not there to fill memory, and tells whether each of
// its elements ends.
func wellFormed(part *zip.File) error {
	r, err := part.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	d := xml.NewDecoder(io.LimitReader(r, maxUnzipped))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // characters do not matter here
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

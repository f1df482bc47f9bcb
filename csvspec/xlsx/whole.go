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
		if err := wholePart(part); err != nil {
			return fmt.Errorf("its part %s is damaged: %w", part.Name, err)
		}
	}
	return nil
}

// wholePart reads a part to its end, as far as one may be that is not there to fill memory.
func wholePart(part *zip.File) error {
	r, err := part.Open()
	if err != nil {
		return err
	}
	return errors.Join(wellFormed(io.LimitReader(r, maxUnzipped)), r.Close())
}

// wellFormed tells whether each element of an XML document ends.
func wellFormed(r io.Reader) error {
	d := xml.NewDecoder(r)
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // characters do not matter here
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

package report_test

import (
	"encoding/csv"
	"io"
)

func newCSVReader(r io.Reader) *csv.Reader { return csv.NewReader(r) }

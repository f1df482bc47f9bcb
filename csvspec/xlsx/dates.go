package xlsx

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// dateMark is what cells that hold dates are made to show.
const dateMark = "date"

// markDates makes all cells that are shown as dates show dateMark instead. What they hold tells the date exactly, and
// the library takes long to write dates out.
func markDates(f *excelize.File) error {
	if f.Styles == nil || f.Styles.CellXfs == nil {
		return nil // a workbook without styles, which minimal writers make, shows no cell as a date
	}
	format := `"` + dateMark + `"`
	style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
	if err != nil {
		return err
	}
	if style >= len(f.Styles.CellXfs.Xf) {
		return errors.New("the workbook's styles cannot be read")
	}
	codes := map[int]string{} // of the number formats of the workbook's own
	if own := f.Styles.NumFmts; own != nil {
		for _, format := range slices.Backward(own.NumFmt) { // the first one of several with the same ID counts
			codes[format.NumFmtID] = format.FormatCode
		}
	}
	formats := f.Styles.CellXfs.Xf
	for i := range formats {
		if formats[i].NumFmtID == nil {
			continue
		}
		// Some formats of dates every workbook has (ECMA-376, 18.8.30), those of East Asian languages included.
		id := *formats[i].NumFmtID
		if id >= 14 && id <= 22 || id >= 27 && id <= 36 || id >= 50 && id <= 58 || dateCode(codes[id]) {
			formats[i].NumFmtID = formats[style].NumFmtID
		}
	}
	return nil
}

// dateCode tells whether a number format shows parts of a date or of a time of day: whether a letter that stands for
// one is left when literal text, escaped characters and what is in brackets is taken away.
func dateCode(code string) bool {
	for i := 0; i < len(code); i++ {
		switch code[i] {
		case '"':
			i = skipTo(code, i, '"')
		case '[':
			i = skipTo(code, i, ']')
		case '\\', '_', '*':
			i++
		case 'y', 'Y', 'm', 'M', 'd', 'D', 'h', 'H', 's', 'S':
			return true
		}
	}
	return false
}

// skipTo returns the place of the next end after at, or the last place there is.
func skipTo(code string, at int, end byte) int {
	if n := strings.IndexByte(code[at+1:], end); n >= 0 {
		return at + 1 + n
	}
	return len(code)
}

// epoch is where a workbook begins to count days.
type epoch struct{ since1904 bool }

// moment returns the date that a cell holds, its wall time taken as UTC, to the second. A time of day alone is none.
func (e epoch) moment(held string) (time.Time, bool) {
	serial, err := strconv.ParseFloat(held, 64)
	if err != nil || math.IsNaN(serial) || math.IsInf(serial, 0) || serial < 1 {
		return time.Time{}, false
	}
	t, err := excelize.ExcelDateToTime(serial, e.since1904)
	return t.Round(time.Second), err == nil
}

package dates

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
)

// number reads what consists of digits.
func number(text string) Meaning {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return whole(n)
	}
	plain := strings.NewReplacer("\u00a0", " ", "\u202f", " ", "’", "'").Replace(text)
	for _, sep := range []string{",", ".", " ", "'", "_"} { // 1,704,067,200 with any one separator of thousands
		parts := strings.Split(plain, sep)
		if len(parts) != 4 || len(parts[0]) != 1 || len(parts[1]) != 3 || len(parts[2]) != 3 || len(parts[3]) != 3 {
			continue
		}
		if n, err := strconv.ParseInt(strings.Join(parts, ""), 10, 64); err == nil {
			return plausible(Meaning{Grouped, csvspec.Timestamp(n), true})
		}
	}
	if mantissa, _, ok := strings.Cut(strings.ToUpper(text), "E"); ok { // 1.70407E+09, exact when it shows all ten digits
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return Meaning{}
		}
		digits := len(strings.ReplaceAll(mantissa, ".", ""))
		return plausible(Meaning{Scientific, csvspec.Timestamp(f), digits >= 10 && f == float64(int64(f))})
	}
	if zero, ok := strings.CutSuffix(text, ",0"); ok && len(zero) > 6 {
		text = zero + ".0" // pandas where the comma is the decimal sign
	}
	seconds, decimals, ok := strings.Cut(text, ".")
	n, err := strconv.ParseInt(seconds, 10, 64)
	if !ok || err != nil || strings.Trim(decimals, "0123456789") != "" {
		return Meaning{}
	}
	if m := serial(n); m.Kind != None {
		part, _ := strconv.ParseFloat("0."+decimals, 64) // it consists of digits
		m.At += csvspec.Timestamp(math.Round(part * 86400))
		return m
	}
	return plausible(Meaning{Fraction, csvspec.Timestamp(n), strings.Trim(decimals, "0") == ""})
}

// whole tells units of time by their size: the plausible ranges do not overlap.
func whole(n int64) Meaning {
	t := csvspec.Timestamp(n)
	switch {
	case Plausible(t):
		return Meaning{Unix, t, true}
	case Plausible(t / 1e3):
		return Meaning{Millis, t / 1e3, n%1e3 == 0}
	case Plausible(t / 1e6):
		return Meaning{Micros, t / 1e6, n%1e6 == 0}
	case Plausible(t / 1e9):
		return Meaning{Nanos, t / 1e9, n%1e9 == 0}
	case n >= 19800101 && n < 21000101:
		day, err := time.Parse("20060102", strconv.FormatInt(n, 10))
		if err != nil {
			return Meaning{}
		}
		return Meaning{Kind: Compact, At: csvspec.At(day)}
	}
	return serial(n)
}

// serial reads the whole part of Excel's count of days since the end of 1899. Workbooks from old Macs count from 1904,
// so that a serial alone never has exactly one meaning.
func serial(days int64) Meaning {
	t := csvspec.Timestamp((days - 25569) * 86400)
	if days < 29221 || !Plausible(t) {
		return Meaning{}
	}
	return Meaning{Kind: Serial, At: t}
}

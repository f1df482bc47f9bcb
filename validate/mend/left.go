package mend

import "strconv"

// Sentences says what was left alone and why, a sentence for each reason.
func (r Result) Sentences() []string {
	var list []string
	for _, left := range []struct {
		n              int
		one, many, why string
	}{
		{r.Unzoned, "date", "dates", "without a time zone: --dates ZONE says where they are meant, --dates Europe/Berlin for example"},
		{r.Ambiguous, "date", "dates", "with two readings: --date-order dmy, mdy or ymd says which number is what, together with --dates ZONE"},
		{r.Disordered, "date", "dates", "that cannot be in the order that --date-order states: the order may be wrong for this file"},
		{r.Skipped, "date", "dates", "at a time that the clocks of the zone skip or show twice, or with parts of a second"},
		{r.Dates, "cell", "cells", "in columns of dates that have no meaning of their own, or more than one"},
		{r.Numbers, "cell", "cells", "that should be whole numbers and are not"},
		{r.Amounts, "amount", "amounts", "with decimals or other characters than digits: --amount-unit says whether the file states minor or major units"},
		{r.Booleans, "cell", "cells", "that should be true or false"},
		{r.Columns, "column", "columns", "that the format does not know"},
	} {
		if left.n > 0 {
			list = append(list, plural(left.n, left.one, left.many)+" "+left.why)
		}
	}
	return list
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

package mend

import "github.com/subferry/subferry/csvspec/words"

// Sentences says what was left alone and why, a sentence for each reason.
func (r Result) Sentences() []string {
	var list []string
	for _, left := range []struct {
		n        int
		one, why string
	}{
		{r.Unzoned, "date", "without a time zone: --dates ZONE says where they are meant, --dates Europe/Berlin for example"},
		{r.Ambiguous, "date", "with two readings: --date-order dmy, mdy or ymd says which number is what, together with --dates ZONE"},
		{r.Disordered, "date", "that cannot be in the order that --date-order states: the order may be wrong for this file"},
		{r.Skipped, "date", "at a time that the clocks of the zone skip or show twice, or with parts of a second"},
		{r.Dates, "cell", "in columns of dates that have no meaning of their own, or more than one"},
		{r.Numbers, "cell", "that should be whole numbers and are not"},
		{r.Amounts, "amount", "with decimals or other characters than digits: --amount-unit says whether the file states minor or major units"},
		{r.Booleans, "cell", "that should be true or false"},
		{r.Columns, "column", "that the format does not know"},
	} {
		if left.n > 0 {
			list = append(list, words.Count(left.n, left.one)+" "+left.why)
		}
	}
	return list
}

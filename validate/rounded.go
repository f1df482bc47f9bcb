package validate

// rounded tells whether the text is what is left of a long number in a spreadsheet's cell: 2.05E+15, or 2,05E+15 where
// decimals stand behind a comma. This is asked of every row, and the first byte of most texts answers it.
func rounded(text string) bool { return likeNumber(text) && roundedNumber(text) }

// likeNumber tells whether the text may be such a number, or begins with what is neither digit nor letter.
func likeNumber(text string) bool { return len(text) >= len("2E+15") && text[0] <= '9' }

func roundedNumber(text string) bool {
	if text[0] < '1' {
		return false
	}
	i := 1
	broken := text[1] == '.' || text[1] == ','
	if broken {
		if i = digitsEnd(text, 2); i == 2 {
			return false
		}
	}
	if i+2 >= len(text) || text[i]|0x20 != 'e' {
		return false
	}
	i++
	switch {
	case text[i] == '+':
		i++
	case !broken:
		return false // 2E15 may be an ID, 2.05E15 is how Java writes a number
	}
	end := digitsEnd(text, i)
	return end == len(text) && 2 <= end-i && end-i <= 3
}

// digitsEnd returns the end of the digits that begin at i.
func digitsEnd(text string, i int) int {
	for i < len(text) && '0' <= text[i] && text[i] <= '9' {
		i++
	}
	return i
}

// fixRounded is the way out of rounded IDs.
const fixRounded = "The digits are lost and cannot be restored from this file: export the column from its source again, as text, and do not open it in a spreadsheet without telling it that the column is text."

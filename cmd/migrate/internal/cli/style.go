package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec/words"
)

// colours tells whether a stream gets colours: on a terminal, unless NO_COLOR or TERM says otherwise.
func (a *app) colours(tty bool) bool {
	return tty && a.env.getenv("NO_COLOR") == "" && a.env.getenv("TERM") != "dumb"
}

// colour colours a message, which goes to stderr.
func (a *app) colour(code, text string) string {
	if !a.colours(a.env.Tty.Stderr) {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (a *app) bold(text string) string { return a.colour("1", text) }

// plural returns "1 row", "2 rows".
func plural[N int | int64](n N, one string) string { return words.Count(n, one) }

// when returns a moment in local time and in UTC.
func (a *app) when(t time.Time) string {
	utc, local := t.UTC(), t.In(a.env.Zone)
	_, offset := local.Zone()
	if offset == 0 {
		return utc.Format("2 Jan 2006 15:04 UTC")
	}
	form := "15:04 UTC"
	if local.YearDay() != utc.YearDay() {
		form = "2 Jan 15:04 UTC"
	}
	return local.Format("2 Jan 2006 15:04 MST") + " (" + utc.Format(form) + ")"
}

// span returns a duration in its two largest units: 9 h 58 min.
func span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 72*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days", int(d.Hours())/24)
}

// reading is the width of a line of prose, in characters.
const reading = 120

// folded breaks a long line between words; what follows the first is indented.
func folded(line, indent string) string {
	var out strings.Builder
	for len([]rune(line)) > reading {
		end := strings.LastIndexByte(string([]rune(line)[:reading+1]), ' ')
		if end <= len(indent) {
			break
		}
		out.WriteString(line[:end] + "\n")
		line = indent + line[end+1:]
	}
	return out.String() + line
}

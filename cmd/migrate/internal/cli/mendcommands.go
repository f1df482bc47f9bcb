package cli

import (
	"os"
	"strconv"

	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/report"
)

// mendTarget is the file that is being read, and how, for the commands that mend it.
type mendTarget struct {
	path    string
	reading []string // the words that make fix read the file in the same way
}

// mendCommands writes the commands that mend a file; nil for one that cannot be read again.
func (a *app) mendCommands(f mendTarget) report.Commands {
	if !regular(f.path) {
		return nil
	}
	converted, mended := freeName("subs"), freeName("mended")
	return func(m validate.Mend) string {
		words := []string{"fix", fileWord(f.path)}
		switch m {
		case validate.MendConvert:
			return a.commandLine(stateFlag{}, "convert", fileWord(f.path), "--out", converted)
		case validate.MendFixDates:
			words = append(words, "--dates", yourZone)
		case validate.MendFixOrder:
			words = append(words, "--dates", yourZone, "--date-order", yourOrder)
		}
		return a.commandLine(stateFlag{}, append(append(words, f.reading...), "--out", mended)...)
	}
}

// What only the user knows stands in a command as a word that the flag refuses, with the words that it takes: a command
// that is pasted as it is must not read dates in somebody else's zone or order.
const (
	yourZone  = "ZONE"
	yourOrder = "ORDER"
)

// freeName returns the name of a CSV file that does not exist, so that the command can be pasted more than once.
func freeName(stem string) string {
	name := stem + ".csv"
	for n := 2; exists(name); n++ {
		name = stem + "-" + strconv.Itoa(n) + ".csv"
	}
	return name
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

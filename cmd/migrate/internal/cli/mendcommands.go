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
	out := map[bool]string{true: freeName("subs"), false: freeName("mended")}
	return func(m validate.Mend) string {
		return a.commandLine(stateFlag{}, mendWords(f, m, out[m == validate.MendConvert])...)
	}
}

// What only the user knows stands in a command as a word that the flag refuses, with the words that it takes: a command
// that is pasted as it is must not read dates in somebody else's zone or order.
const (
	yourZone  = "ZONE"
	yourOrder = "ORDER"
)

// mendWords returns the words of a command.
func mendWords(f mendTarget, m validate.Mend, out string) []string {
	if m == validate.MendConvert {
		return []string{"convert", fileWord(f.path), "--out", out}
	}
	words := []string{"fix", fileWord(f.path)}
	if m != validate.MendFix {
		words = append(words, "--dates", yourZone)
	}
	if m == validate.MendFixOrder {
		words = append(words, "--date-order", yourOrder)
	}
	return append(append(words, f.reading...), "--out", out)
}

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

// stronger returns the mend that does more; that of an export comes before all.
func stronger(x, y validate.Mend) validate.Mend {
	if x == validate.MendConvert || y == validate.MendConvert {
		return validate.MendConvert
	}
	if len(x) > len(y) { // the words of the stronger one begin with those of the weaker one
		return x
	}
	return y
}

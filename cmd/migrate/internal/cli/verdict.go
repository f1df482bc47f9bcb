package cli

import (
	"fmt"
	"path/filepath"

	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/report"
)

// conclude says what comes next, and fails when something must be mended.
func (v *validation) conclude(r *validate.Report, path string) error {
	ready, sheet := path, v.flags.file.sheet
	if v.flags.split != "" && r.Valid > 0 {
		ready, sheet = filepath.Join(v.flags.split, report.ReadyFile), ""
	}
	switch {
	case r.OK() && v.refused: // the note has said why
	case r.OK() && regular(ready):
		v.say("Next: %s", v.runLine(fileWord(ready), sheet))
	case !r.OK() && v.strongestMend != "" && v.commands != nil:
		v.say("%s", mendNote(v.strongestMend))
		v.say("Next: %s", v.commands(v.strongestMend))
	}
	if !r.OK() {
		return &alreadyPrinted{&invalidFile{notOK(r)}}
	}
	return nil
}

// mendNote says what a command mends, and what in it has to be looked at first.
func mendNote(m validate.Mend) string {
	switch m {
	case validate.MendConvert:
		return "A template can be made of it; you will be asked for what the export does not know."
	case validate.MendFix:
		return "What has one meaning only can be mended; the rest is for you."
	case validate.MendFixDates:
		return "What has one meaning only can be mended, dates too with your own time zone behind --dates; the rest is for you."
	}
	return "What has one meaning only can be mended, dates too with your own time zone behind --dates and dmy, mdy or ymd behind --date-order; the rest is for you."
}

// runLine returns the command line that runs the file as it was judged: in the account that was asked, or without a key.
func (v *validation) runLine(path, sheet string) string {
	f := v.flags
	words := append([]string{path}, readingWords(f.file.unit, f.file.allow, sheet)...)
	words = append(words, marginWords(f.file.margin)...)
	if v.session == nil {
		words = append([]string{"run", "--sandbox"}, append(words, nowWords(f.online.session.now)...)...)
		return v.commandLine(stateFlag{}, words...)
	}
	words = append([]string{"run"}, words...)
	if f.online.data != "" {
		words = append(words, "--sandbox-data", f.online.data)
	}
	if f.online.checks.set {
		words = append(words, f.online.checks.word())
	}
	return v.session.fileCommand(words...)
}

func notOK(r *validate.Report) string {
	switch {
	case r.Invalid > 0:
		return fmt.Sprintf("%s: %d of %s must be mended; correct the file and validate it again", r.File, r.Invalid, plural(r.Rows, "row"))
	case r.Deferred > 0 && r.Valid == 0:
		return fmt.Sprintf("%s: every row starts too soon; move the start dates", r.File)
	}
	return fmt.Sprintf("%s: the file as a whole must be mended; correct it and validate it again", r.File)
}

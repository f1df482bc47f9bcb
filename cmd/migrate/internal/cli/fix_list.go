package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/subferry/subferry/validate/mend"
)

// changeList lists changes as they are made.
type changeList interface {
	add(mend.Change) error
	end(n int, left mend.Result) error
}

// changeLines lists changes for people, one a line.
type changeLines struct{ w io.Writer }

func (l *changeLines) add(c mend.Change) error {
	_, err := fmt.Fprintln(l.w, changeLine(c))
	return err
}

func (l *changeLines) end(int, mend.Result) error { return nil }

// changeLine says what was changed, where, from what to what.
func changeLine(c mend.Change) string {
	where := "file"
	switch {
	case c.Cell != "":
		where = c.Cell
	case c.Line > 0 && c.ColumnNumber > 0:
		where = fmt.Sprintf("line %d, column %d", c.Line, c.ColumnNumber)
	case c.Line > 0:
		where = fmt.Sprintf("line %d", c.Line)
	}
	if c.Column != "" {
		where += " (" + c.Column + ")"
	}
	return fmt.Sprintf("%s: %s: %q -> %q", where, c.Kind, c.Before, c.After)
}

// changeJSON lists changes as one JSON object, which is written while they are made.
type changeJSON struct {
	w     io.Writer
	out   string
	begun bool
}

func (l *changeJSON) begin() error {
	if l.begun {
		return nil
	}
	l.begun = true
	name, err := inLine(l.out)
	if err == nil {
		_, err = fmt.Fprintf(l.w, "{\n  \"out\": %s,\n  \"list\": [", name)
	}
	return err
}

func (l *changeJSON) add(c mend.Change) error {
	separator := ","
	if !l.begun {
		separator = ""
	}
	if err := l.begin(); err != nil {
		return err
	}
	line, err := inLine(c)
	if err == nil {
		_, err = fmt.Fprintf(l.w, "%s\n    %s", separator, line)
	}
	return err
}

func (l *changeJSON) end(n int, left mend.Result) error {
	if err := l.begin(); err != nil {
		return err
	}
	close := "],"
	if n > 0 {
		close = "\n  ],"
	}
	alone, err := inLine(left)
	if err == nil {
		_, err = fmt.Fprintf(l.w, "%s\n  \"changes\": %d,\n  \"left_alone\": %s\n}\n", close, n, alone)
	}
	return err
}

// inLine writes a value as JSON in one line, and leaves <, > and & as they are.
func inLine(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimRight(b.Bytes(), "\n"), err
}

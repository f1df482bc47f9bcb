package migrate

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/xlsx"
	"github.com/subferry/subferry/migrate/ledger"
)

// content stands for the rows that a migration moves: the SHA-256 of the file, and the sheet of a workbook unless it is
// the one that is read when none is named. Two sheets of one workbook are two migrations.
type content string

func contentOf(sha, sheet string) content {
	if sheet == "" {
		return content(sha)
	}
	return content(sha + "/" + strings.ToLower(sheet))
}

// content returns what a reviewed file is recognised by.
func (r *Review) content() content { return contentOf(r.Report.SHA256, r.Options.Sheet) }

// moves tells whether a migration is one of this content.
func (c content) moves(mig ledger.Migration) bool {
	o, err := decodeOptions(mig.Options)
	return err == nil && contentOf(mig.SHA256, o.Sheet) == c
}

// sheet returns the name that a workbook gives to a sheet, and "" for the one that is found without a name, whether it is named or not:
// the same rows must not become two migrations. A sheet of what is no workbook is an error.
func (in Input) sheet(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	named, err := in.openSheet(name)
	if err != nil {
		return "", fmt.Errorf("%s: %w", in.Name, err)
	}
	if first, err := in.openSheet(""); err == nil && first == named {
		return "", nil
	}
	return named, nil
}

// openSheet returns the name of the sheet that is read when this one is asked for.
func (in Input) openSheet(name string) (string, error) {
	f, err := in.Open()
	if err != nil {
		return "", err
	}
	defer f.Close()
	buffered := bufio.NewReader(f)
	if head, _ := buffered.Peek(4); !xlsx.Is(head) { // an error comes again when the file is read
		return "", fmt.Errorf("it is no Excel workbook, and has no sheet %q", name)
	}
	book, err := xlsx.Open(buffered, xlsx.Options{Sheet: name, Read: csvspec.ReadOptions{}})
	if err != nil {
		return "", err
	}
	return book.Sheet(), book.Close()
}

package cli

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// workbook writes a workbook with a sheet for people in front and the rows on another, and returns its name.
func workbook(t *testing.T) string {
	book := excelize.NewFile()
	require.NoError(t, book.SetSheetRow("Sheet1", "A1", &[]string{"Notes"}))
	_, err := book.NewSheet("Subscriptions")
	require.NoError(t, err)
	for cell, row := range map[string][]any{
		"A1": {"customer", "start_date", "adhoc_items.0.amount", "adhoc_items.0.product", "adhoc_items.0.interval", "adhoc_items.0.currency"},
		"A2": {"cus_Ada", 2059203600, 1999, "prod_Team", "month", "usd"},
		"A3": {"cus_Bela", 2059203600, 2999, "prod_Team", "month", "usd"},
	} {
		require.NoError(t, book.SetSheetRow("Subscriptions", cell, &row))
	}
	name := filepath.Join(t.TempDir(), "book.xlsx")
	require.NoError(t, book.SaveAs(name))
	return name
}

// Every command that reads a file reads the sheet that is named, and resume the one that was.
func TestCommandsReadTheSheetThatIsNamed(t *testing.T) {
	t.Parallel()
	p, book := newProgram(t), workbook(t)
	_, said, code := p.output("plan", "--sandbox", book)
	require.Equal(t, ExitDone, code, "the sheet with the table is found by its header: %s", said)
	rehearse := p.command("rehearse", "--sheet", "Subscriptions", book)
	rehearse.Args = rehearse.Args[:len(rehearse.Args)-2] // it keeps no state
	out, err := rehearse.Output()
	require.NoError(t, err)
	require.Contains(t, string(out), "2 of 2 rows scheduled")

	out2, said, code := p.output("plan", "--sandbox", "--sheet", "Subscriptions", book)
	require.Equal(t, ExitDone, code, said)
	require.Contains(t, out2, "19.99 USD every month")
	_, said, code = p.output("run", "--sandbox", "--sheet", "Subscriptions", "--canary", "1", book)
	require.Equal(t, ExitDone, code, said)
	require.Contains(t, said, "1999 in line 2 is read as 19.99 USD")
	list, _, _ := p.output("list", "-o", "json")
	out2, said, code = p.output("resume", migrationID(list))
	require.Equal(t, ExitDone, code, said)
	require.Contains(t, out2, "scheduled   2")
}

// Where two sheets have a header of the format, it has to be said which one is meant.
func TestTwoSheetsWithTables(t *testing.T) {
	t.Parallel()
	book := excelize.NewFile()
	for i, name := range []string{"January", "February"} {
		_, err := book.NewSheet(name)
		require.NoError(t, err)
		require.NoError(t, book.SetSheetRow(name, "A1", &[]string{"customer", "start_date", "price"}))
		require.NoError(t, book.SetSheetRow(name, "A2", &[]any{"cus_Ada", 2059203600 + i, "price_A"}))
	}
	name := filepath.Join(t.TempDir(), "book.xlsx")
	require.NoError(t, book.SaveAs(name))
	p := newProgram(t)
	for _, command := range [][]string{{"plan", "--sandbox"}, {"run", "--sandbox"}} {
		_, said, code := p.output(append(command, name)...)
		require.Equal(t, ExitInvalid, code, said)
		require.Contains(t, said, `name it with --sheet; they are "January", "February"`)
	}
	out, said, code := p.output("plan", "--sandbox", "--sheet", "february", name)
	require.Equal(t, ExitDone, code, said)
	require.NotContains(t, out, "cus_Bela")
}

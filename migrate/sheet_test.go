package migrate_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/subferry/subferry/csvspec/xlsx"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
)

// workbook is one with a sheet Gold, which people see first, and a sheet Silver.
func workbook(t *testing.T, gold, silver []byte) []byte {
	f := excelize.NewFile()
	require.NoError(t, f.SetSheetName("Sheet1", "Gold"))
	_, err := f.NewSheet("Silver")
	require.NoError(t, err)
	for sheet, text := range map[string][]byte{"Gold": gold, "Silver": silver} {
		rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		require.NoError(t, err)
		for i, row := range rows {
			cell, err := excelize.CoordinatesToCellName(1, i+1)
			require.NoError(t, err)
			require.NoError(t, f.SetSheetRow(sheet, cell, &row))
		}
	}
	var book bytes.Buffer
	require.NoError(t, f.Write(&book))
	return book.Bytes()
}

// The sheet that is found by its header is the same migration with its name and without.
func TestSheetBehindACover(t *testing.T) {
	w := newTestEnv(t, many(3))
	w.input = bytesInput("subs.xlsx", workbook(t, []byte("See the next sheet\n"), many(3)))
	found, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	w.exactlyOne(found.ID, 3)
	named := options
	named.Sheet = "silver"
	_, err = w.process(&crashtest.Crash{}).runWith(named, migrate.RunOptions{})
	var already *migrate.AlreadyMigratedError
	require.ErrorAs(t, err, &already)
	require.Equal(t, found.ID, already.ID)
}

// Two sheets of a workbook are two migrations, which have to be named.
func TestSheetsOfAWorkbook(t *testing.T) {
	w := newTestEnv(t, many(7))
	w.input = bytesInput("subs.xlsx", workbook(t, many(3), bytes.ReplaceAll(many(7), []byte("old_"), []byte("silver_"))))
	of := func(sheet string) migrate.Options { o := options; o.Sheet = sheet; return o }

	_, err := w.process(&crashtest.Crash{}).runWith(of(""), migrate.RunOptions{})
	require.ErrorAs(t, err, new(*xlsx.SheetError), "both sheets have a table: it has to be said which one is meant")
	gold, err := w.process(&crashtest.Crash{}).runWith(of("Gold"), migrate.RunOptions{})
	require.NoError(t, err)
	w.exactlyOne(gold.ID, 3)
	_, err = w.process(&crashtest.Crash{}).runWith(of("gold"), migrate.RunOptions{})
	var already *migrate.AlreadyMigratedError
	require.ErrorAs(t, err, &already)
	require.Equal(t, gold.ID, already.ID)

	silver, err := w.process(&crashtest.Crash{}).runWith(of("Silver"), migrate.RunOptions{Canary: 2})
	require.NoError(t, err)
	require.NotEqual(t, gold.ID, silver.ID)
	p, ctx := w.process(&crashtest.Crash{}), context.Background()
	review, err := p.Review(ctx, w.input, of("Gold"))
	require.NoError(t, err)
	_, err = p.Run(ctx, review, migrate.RunOptions{Resume: silver.ID})
	var other *migrate.OtherOptionsError
	require.ErrorAs(t, err, &other)
	require.ErrorContains(t, err, `the sheet "Silver"`)

	_, err = w.process(&crashtest.Crash{}).runWith(of("SILVER"), migrate.RunOptions{})
	require.NoError(t, err)
	w.exactlyOne(silver.ID, 7)
}

// The same subscription in two sheets is scheduled once.
func TestSheetsThatRepeatEachOther(t *testing.T) {
	w := newTestEnv(t, many(7))
	w.input = bytesInput("subs.xlsx", workbook(t, many(3), many(7)))
	first := options
	first.Sheet = "Gold"
	_, err := w.process(&crashtest.Crash{}).runWith(first, migrate.RunOptions{})
	require.NoError(t, err)
	second := options
	second.Sheet = "Silver"
	_, err = w.process(&crashtest.Crash{}).runWith(second, migrate.RunOptions{})
	var refusal *migrate.AlreadyScheduledError
	require.ErrorAs(t, err, &refusal)
	require.EqualValues(t, 3, refusal.Rows)
}

func TestASheetThatIsNotThere(t *testing.T) {
	w := newTestEnv(t, many(3))
	missing := options
	missing.Sheet = "Bronze"
	_, err := w.process(&crashtest.Crash{}).Review(context.Background(), w.input, missing)
	require.EqualError(t, err, `subs.csv: it is no Excel workbook, and has no sheet "Bronze"`)
	_, err = w.process(&crashtest.Crash{}).Review(context.Background(), bytesInput("subs.xlsx", workbook(t, many(3), many(3))), missing)
	require.ErrorContains(t, err, `the workbook has no sheet "Bronze"; its sheets are ["Gold" "Silver"]`)
}

package export_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/subferry/subferry/migrate/export"
)

// What files name is read from workbooks as well, from the sheet with a header of the format or the one that is named.
func TestNamesInAWorkbook(t *testing.T) {
	f := excelize.NewFile()
	require.NoError(t, f.SetSheetRow("Sheet1", "A1", &[]any{"Notes"}))
	_, err := f.NewSheet("Rows")
	require.NoError(t, err)
	require.NoError(t, f.SetSheetRow("Rows", "A1", &[]any{"customer", "start_date", "price", "coupon"}))
	require.NoError(t, f.SetSheetRow("Rows", "A2", &[]any{"cus_1", 2059203600, "price_A", "VIP"}))
	var b bytes.Buffer
	require.NoError(t, f.Write(&b))
	for _, sheet := range []string{"", "Rows"} {
		var n export.Names
		require.NoError(t, n.ReadNames(bytes.NewReader(b.Bytes()), sheet))
		require.Equal(t, map[string]bool{"cus_1": true}, n.Customers)
		require.Equal(t, map[string]bool{"price_A": true}, n.Prices)
		require.Equal(t, map[string]bool{"VIP": true}, n.Coupons)
	}
	var n export.Names
	require.ErrorContains(t, n.ReadNames(bytes.NewReader(b.Bytes()), "Sheet1"), "it has no column customer")
	require.ErrorContains(t, n.ReadNames(strings.NewReader("customer,price\n"), "Rows"), "this is no Excel workbook")
}

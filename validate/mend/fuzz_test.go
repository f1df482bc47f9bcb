package mend_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/xlsx"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/mend"
)

// seeds are files with habits of many programs.
func seeds() []string {
	return []string{
		"customer,start_date\ncus_Ada,1801440000\n",
		"\uFEFFCustomer;start_date (required);currency\r\n cus_Ada ;2027-02-01T00:00:00Z;USD\r\n;;\r\n",
		"customer,metadata.x\ncus_Ada,\"open\ncus_Bob, \"x\" ,\n\n\"a\"b,c\n",
		"customer\tautomatic_tax\rcus_Ada\tTRUE\r",
		"\xff\xfec\x00u\x00,\x00d\x00\n\x00a\x00,\x00b\x00\n\x00",
		"customer,metadata.x\ncus_Ada,Ren\xe9\n",
		"customer;metadata.x\n\"a;\"x,y\";1,5\n",
		"a,b\n\"x\n",
		"customer\u00a0,\xdd",
	}
}

// FuzzFile mends anything twice: the second time changes nothing, and no cell of amounts or IDs is ever changed but
// for the spaces around it.
func FuzzFile(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s, true)
		f.Add(s, false)
	}
	zone := time.FixedZone("somewhere", 3600)
	f.Fuzz(func(t *testing.T, text string, inZone bool) {
		opts := mend.Options{}
		if inZone {
			opts.Zone = zone
		}
		once, err := mended(text, opts)
		if errors.Is(err, mend.ErrUndecodable) || errors.Is(err, mend.ErrNotText) || errors.Is(err, mend.ErrStripeExport) ||
			errors.Is(err, csvspec.ErrRecordTooLong) || errors.As(err, new(*csvspec.ForeignError)) || xlsx.Is([]byte(text)) {
			return
		}
		require.NoError(t, err)
		twice, err := mended(once, opts)
		require.NoError(t, err)
		require.Equal(t, once, twice)
		require.Equal(t, precious(t, text), precious(t, once))
	})
}

func mended(text string, opts mend.Options) (string, error) {
	var out bytes.Buffer
	_, err := mend.File(context.Background(), strings.NewReader(text), &out, opts, func(mend.Change) error { return nil })
	return out.String(), err
}

// precious returns the amounts and IDs of all rows that are not blank, under the names that their columns mean.
func precious(t *testing.T, text string) [][]string {
	t.Helper()
	rows, err := csvspec.NewReader(strings.NewReader(text), csvspec.ReadOptions{})
	require.NoError(t, err)
	var all [][]string
	for row, err := range rows.All() {
		require.NoError(t, err)
		if row.Source.IsBlank() {
			continue
		}
		var list []string
		for i, c := range rows.Header().Columns {
			if meant, ok := validate.MeantColumn(rows.Header(), i); ok {
				c = csvspec.ParseColumn(meant)
			}
			text := strings.TrimSpace(row.Source.Text(i))
			switch c.Field {
			case csvspec.FieldAdhocAmount, csvspec.FieldInvoiceAmount:
				if whole := validate.WholeAmount(text, csvspec.UnitUnstated); whole != "" {
					text = whole // 100.0 is 100, in either unit
				}
				fallthrough
			case csvspec.FieldCustomer, csvspec.FieldPrice, csvspec.FieldItemPrice, csvspec.FieldCoupon, csvspec.FieldDefaultTaxRate,
				csvspec.FieldAdhocProduct, csvspec.FieldInvoiceProduct:
				list = append(list, text)
			}
		}
		all = append(all, list)
	}
	return all
}

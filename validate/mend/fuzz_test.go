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
		if errors.Is(err, mend.ErrUndecodable) || errors.Is(err, mend.ErrNotText) || errors.Is(err, csvspec.ErrRecordTooLong) {
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

// precious returns the amounts and IDs of all rows that are not blank.
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
		list := []string{row.Customer, row.Price, row.Coupon, row.DefaultTaxRate}
		for _, item := range row.AdhocItems {
			list = append(list, item.Product, item.Amount.String())
		}
		all = append(all, list)
	}
	return all
}

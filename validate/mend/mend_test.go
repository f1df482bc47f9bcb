package mend_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/unicode"

	"github.com/subferry/subferry/validate/mend"
)

// fix mends the text and returns it with the changes.
func fix(t testing.TB, text string, opts mend.Options) (string, []mend.Change) {
	t.Helper()
	var out bytes.Buffer
	var changes []mend.Change
	_, err := mend.File(context.Background(), strings.NewReader(text), &out, opts, func(c mend.Change) error {
		changes = append(changes, c)
		return nil
	})
	require.NoError(t, err)
	return out.String(), changes
}

func berlin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	return zone
}

func TestFile(t *testing.T) {
	for _, c := range []struct{ name, before, after string }{
		{"nothing to do", "customer,start_date\ncus_Ada,1801440000\n", "customer,start_date\ncus_Ada,1801440000\n"},
		{"quotes stay", "customer,metadata.x\r\n\"cus_Ada\",\"a \"\"b\"\",\nc\"\r\n", "customer,metadata.x\r\n\"cus_Ada\",\"a \"\"b\"\",\nc\"\r\n"},
		{"spaces", "customer,metadata.x\n cus_Ada ,\" x\t\"\n", "customer,metadata.x\ncus_Ada,x\n"},
		{"spaces beside quotes", "customer,metadata.x\n \"cus_Ada\" ,x\n", "customer,metadata.x\n\"cus_Ada\",x\n"},
		{"unknown columns stay", "customer,remark\ncus_Ada, hello \n", "customer,remark\ncus_Ada, hello \n"},
		{"byte order mark", "\uFEFFcustomer\ncus_Ada\n", "customer\ncus_Ada\n"},
		{"separator", "customer;metadata.x\ncus_Ada;1,5\n", "customer,metadata.x\ncus_Ada,\"1,5\"\n"},
		{"tabs", "customer\tmetadata.x\ncus_Ada\ty\n", "customer,metadata.x\ncus_Ada,y\n"},
		{"Windows-1252", "customer,metadata.x\ncus_Ada,Ren\xe9\n", "customer,metadata.x\ncus_Ada,René\n"},
		{"old Macs", "customer,start_date\rcus_Ada,1801440000\r", "customer,start_date\ncus_Ada,1801440000\n"},
		{"names", "Customer,start_date (required),Metadata_Source\na,1,b\n", "customer,start_date,metadata_Source\na,1,b\n"},
		{"booleans", "customer,automatic_tax\na,TRUE\nb,False\nc,yes\n", "customer,automatic_tax\na,true\nb,false\nc,yes\n"},
		{"currency", "customer,currency\na,USD\nb,Dollar\n", "customer,currency\na,usd\nb,Dollar\n"},
		{"dates", "customer,start_date\na,1801440000000\nb,2027-02-01T00:00:00Z\nc,2027-02-01\nd,1801440000.0\n", "customer,start_date\na,1801440000\nb,1801440000\nc,2027-02-01\nd,1801440000\n"},
		{"amounts and IDs stay", "customer,adhoc_items.0.amount\nCUS_ada,\"1,999.00\"\n", "customer,adhoc_items.0.amount\nCUS_ada,\"1,999.00\"\n"},
		{"blank rows and lines", "customer,price\n\n,,\na,b\n , \n", "customer,price\na,b\n"},
		{"damage stays", "customer,metadata.x\na,\"open\nb,x\x00y\nc,say \"hi\"\n", "customer,metadata.x\na,\"open\nb,x\x00y\nc,say \"hi\"\n"},
		{"no line feed at the end", "customer,price\n a,b", "customer,price\na,b"},
		{"empty", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, changes := fix(t, c.before, mend.Options{})
			require.Equal(t, c.after, got)
			require.Equal(t, c.before == c.after, len(changes) == 0, "a change is listed: %v", changes)
			again, more := fix(t, got, mend.Options{})
			require.Equal(t, got, again)
			require.Empty(t, more, "what is mended stays mended")
		})
	}
}

func TestUTF16(t *testing.T) {
	text, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("customer\tmetadata.x\r\ncus_Ada\tRené\r\n")
	require.NoError(t, err)
	got, changes := fix(t, text, mend.Options{})
	require.Equal(t, "customer,metadata.x\r\ncus_Ada,René\r\n", got)
	require.Equal(t, []mend.Kind{mend.Encoding, mend.Separator}, kinds(changes))
}

func TestDatesInZone(t *testing.T) {
	unzoned := "customer,start_date,trial_end\na,2027-07-01,2027-07-08\nb,1801440000,\n"
	result, err := mend.File(context.Background(), strings.NewReader(unzoned), io.Discard, mend.Options{}, func(mend.Change) error { return nil })
	require.NoError(t, err)
	require.Equal(t, mend.Result{Unzoned: 2}, result)

	text := "customer,start_date\na,2027-07-01\nb,01/02/2027\nc,2027-03-28 02:30:00\n"
	got, changes := fix(t, text, mend.Options{Zone: berlin(t)})
	require.Equal(t, "customer,start_date\na,1814392800\nb,01/02/2027\nc,2027-03-28 02:30:00\n", got)
	require.Equal(t, []mend.Change{{Kind: mend.Date, Line: 2, Row: 1, Column: "start_date", ColumnNumber: 2, Before: "2027-07-01", After: "1814392800"}}, changes)
}

// TestNothingIsGuessed refuses bytes whose meaning is unknown, and says where the first one is. In the last file the
// only character that tells UTF-8 from Windows-1252 is a space that would be mended away.
func TestNothingIsGuessed(t *testing.T) {
	for _, c := range []struct{ name, file, where string }{
		{"half a character of UTF-16", "\xff\xfec\x00,\x00d\x00\n\x00a\x00,\x00\x00\xd8\n\x00", "line 2"},
		{"Windows-1252 in a file of UTF-8", "customer,metadata.x\ncus_Ada,René\ncus_Bob,Ren\xe9\n", "line 3"},
		{"in the header", "customer\u00a0,\xdd\n", "line 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := mended(c.file, mend.Options{})
			require.ErrorIs(t, err, mend.ErrUndecodable)
			require.ErrorContains(t, err, c.where)
		})
	}
}

func kinds(changes []mend.Change) []mend.Kind {
	var list []mend.Kind
	for _, c := range changes {
		list = append(list, c.Kind)
	}
	return list
}

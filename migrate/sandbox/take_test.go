package sandbox

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const invoicesPath = "/v1/invoices"

// TestTakeInvoices shows both, and drops the first of two invoices: the second, still a draft, is finalized in its
// time, and the subscription goes on. The same is true of the directory.
func TestTakeInvoices(t *testing.T) {
	opts := Options{Dir: t.TempDir()}
	b := open4test(t, opts).stock()
	b.post(schedulesPath, schedule()...).ok()
	b.clock.pass(2*day + 31*day) // the start, on 3 March, and the renewal a month later
	made := b.get(invoicesPath).ids()
	require.Len(t, made, 2)
	draft, paid := made[0], made[1]
	require.Equal(t, "draft", b.get(invoicesPath+"/"+draft).text("status"))

	var shown []string
	show := func(i Invoice) { shown = append(shown, i.ID+" "+i.Status) }
	require.NoError(t, b.TakeInvoices(b.clock.at.Add(time.Second), show))
	require.Equal(t, []string{draft + " draft", paid + " paid"}, shown, "the newest first")
	require.Equal(t, []string{draft}, b.get(invoicesPath).ids())
	require.Equal(t, []string{draft}, b.get(invoicesPath, "customer=cus_1").ids())
	b.get(invoicesPath+"/"+paid).fails(404, "resource_missing", "invoice", "No such invoice")

	b = reopen(t, b, opts)
	require.Equal(t, []string{draft}, b.get(invoicesPath).ids())
	b.clock.pass(2 * hour)
	require.Equal(t, "paid", b.get(invoicesPath+"/"+draft).text("status"))
	require.NoError(t, b.TakeInvoices(b.clock.at, show))
	require.Empty(t, b.get(invoicesPath).ids())
	require.Equal(t, draft, b.get("/v1/subscriptions").text("data.0.latest_invoice"))
	b.clock.pass(30 * day)
	require.Len(t, b.get(invoicesPath).ids(), 1)
	b.do("DELETE", "/v1/subscriptions/"+b.get("/v1/subscriptions").ids()[0]).ok()

	require.NoError(t, b.Close())
	require.ErrorIs(t, b.TakeInvoices(b.clock.at, show), ErrClosed)
}

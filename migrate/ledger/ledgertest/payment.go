package ledgertest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/ledger"
)

func payments(t *testing.T, l ledger.Ledger) {
	begun(t, l)
	require.ErrorIs(t, l.PutPayments(ctx, "mig_none", []ledger.Payment{{Row: 1, State: ledger.PaymentPaid}}), ledger.ErrNotFound)
	row := int64(0)
	want := map[ledger.PaymentState]int64{}
	for _, from := range append(ledger.PaymentStates(), ledger.PaymentUnseen) {
		for _, to := range append(ledger.PaymentStates(), ledger.PaymentUnseen) {
			row++
			reach(t, l, row, ledger.Scheduled)
			if from != ledger.PaymentUnseen {
				require.NoError(t, l.PutPayments(ctx, id, []ledger.Payment{{Row: row, State: from, Code: "card_declined", At: 7}}))
			}
			err := l.PutPayments(ctx, id, []ledger.Payment{{Row: row, State: to, Code: "stolen_card", At: 8}})
			left := from
			if ledger.LegalPayment(from, to) {
				require.NoError(t, err, "%q to %q", from, to)
				left = to
			} else {
				require.ErrorIs(t, err, ledger.ErrIllegal, "%q to %q", from, to)
			}
			if left != ledger.PaymentUnseen {
				want[left]++
			}
		}
	}
	counted, err := l.Counts(ctx, id, 0)
	require.NoError(t, err)
	require.Equal(t, want, counted.ByPayment)

	// One of a batch that is illegal, or has no entry, keeps nobody from being recorded; and a step of the row leaves it alone.
	reach(t, l, 1000, ledger.Scheduled)
	require.Error(t, l.PutPayments(ctx, id, []ledger.Payment{{Row: 999, State: ledger.PaymentPaid}, {Row: 1000, State: ledger.PaymentFailed, Code: "lost_card", At: 9}}))
	require.NoError(t, l.Put(ctx, id, ledger.Scheduled, entry(1000, ledger.Releasing)))
	all := collect(t, l, ledger.Releasing)
	require.Len(t, all, 1)
	require.Equal(t, ledger.PaymentFailed, all[0].Payment)
	require.Equal(t, "lost_card", all[0].PaymentCode)
	require.EqualValues(t, 9, all[0].PaymentAt)
}

package verify_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/migrate/verify"
)

// everyStrategy has a row for each strategy of a schedule.
func everyStrategy() string {
	return "customer,start_date,price,quantity,trial_end,billing_cycle_anchor,proration_behavior,cancel_at_period_end,coupon,default_tax_rate,collection_method,days_until_due,metadata.old_Stripe_sub_id,add_invoice_items.0.amount,add_invoice_items.0.product,add_invoice_items.0.currency\n" +
		"cus_A," + unix(7) + ",price_pro,3,,,,,TEN,,,,old_1,,,\n" +
		"cus_A," + unix(8) + ",price_team,,,,,,,txr_vat,,,old_2,500,prod_A,usd\n" +
		"cus_B," + unix(7) + ",price_pro,,,,,true,,,send_invoice,30,old_3,,,\n" +
		"cus_B," + unix(9) + ",price_pro,," + unix(20) + ",,,,,,,,old_4,,,\n" +
		"cus_C," + unix(7) + ",price_pro,,," + unix(20) + ",none,,ONCE,,,,old_5,,,\n" +
		"cus_C," + unix(8) + ",price_pro,,," + unix(22) + ",none,true,,,,,old_6,,,\n" +
		"cus_C," + unix(9) + ",price_team,," + unix(21) + ",,,true,,,,,old_7,,,\n" +
		"cus_C," + unix(10) + ",price_team,,,,,,MONTHS,,,,old_8,,,\n"
}

func adhoc() string {
	return "customer,start_date,adhoc_items.0.amount,adhoc_items.0.product,adhoc_items.0.interval,adhoc_items.0.currency,adhoc_items.0.quantity,items.0.price,items.0.quantity\n" +
		"cus_A," + unix(7) + ",1234,prod_A,month,usd,2,price_team,4\n" +
		"cus_B," + unix(7) + ",700,prod_B,year,usd,,,\n"
}

func TestWhatWasMigratedIsAsAskedFor(t *testing.T) {
	for name, csv := range map[string]string{"every strategy": everyStrategy(), "ad-hoc": adhoc()} {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, csv)
			r := e.verify(verify.Options{})
			require.Empty(t, found(r))
			require.Equal(t, r.Rows, r.Verified)
			require.NotEmpty(t, r.SHA256)
			for _, line := range r.Lines {
				entry := e.entry(line.Row)
				require.Equal(t, line.SHA256, entry.VerifiedHash)
				require.False(t, entry.VerifiedAt.IsBlank())
				require.Greater(t, line.Fields, 20)
			}
			require.Equal(t, r.SHA256, e.verify(verify.Options{}).SHA256, "the same again")

			for range 50 { // through go-live, the first charges, the ends and renewals
				e.clock.advance(26 * time.Hour)
				r := e.verify(verify.Options{})
				require.Empty(t, found(r), e.clock.Now())
			}
		})
	}
}

func TestDirectSubscriptionsAreAsAskedFor(t *testing.T) {
	e := newEnv(t, "customer,start_date,price,billing_cycle_anchor,proration_behavior,backdate_start_date,cancel_at_period_end,coupon\n"+
		"cus_A,"+unix(7)+",price_pro,"+unix(20)+",none,"+unix(-100)+",,TEN\n"+
		"cus_B,"+unix(7)+",price_pro,"+unix(20)+",,,,\n"+
		"cus_C,"+unix(7)+",price_pro,"+unix(20)+",none,,true,\n"+
		"cus_A,"+unix(7)+",price_team,,none,"+unix(-50)+",,\n", func(o *migrate.Options) { o.Direct = schedule.Exact })
	for range 60 {
		require.Empty(t, found(e.verify(verify.Options{})), e.clock.Now())
		e.clock.advance(17 * time.Hour)
	}
	e.destination.post("/v1/subscriptions/"+e.entry(1).SubscriptionID, "cancel_at_period_end=true")
	r := e.verify(verify.Options{})
	require.Len(t, r.Differences, 1)
	require.Equal(t, "ends", r.Differences[0].Field)
	require.True(t, e.entry(1).VerifiedAt.IsBlank(), "no longer verified")
	require.False(t, e.entry(2).VerifiedAt.IsBlank())
	require.Empty(t, r.SHA256)
}

package verify_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/verify"
	"github.com/subferry/subferry/validate/convert"
)

// TestTheMapNamesAWrongPrice: what the map says stands for a price or a coupon costs something else.
func TestTheMapNamesAWrongPrice(t *testing.T) {
	e := newEnvOf(t, func(e *env) string {
		seats := func(last string) (form []string) {
			return []string{"currency=usd", "product=prod_A", "billing_scheme=tiered", "tiers_mode=graduated", "recurring[interval]=month",
				"tiers[0][up_to]=2", "tiers[0][unit_amount]=300", "tiers[1][up_to]=inf", "tiers[1][unit_amount]=" + last}
		}
		prices := map[string]string{
			"old seats":  e.source.post("/v1/prices", seats("200")...)["id"].(string),
			"new seats":  e.destination.post("/v1/prices", seats("250")...)["id"].(string),
			"old year":   e.source.post("/v1/prices", "currency=usd", "product=prod_A", "unit_amount=19000", "recurring[interval]=year")["id"].(string),
			"new months": e.destination.post("/v1/prices", "currency=usd", "product=prod_A", "unit_amount=19000", "recurring[interval]=month", "recurring[interval_count]=12")["id"].(string),
		}
		e.prices = prices
		sub := func(form ...string) string {
			return e.source.post("/v1/subscriptions", append(form, "billing_cycle_anchor="+unix(7), "proration_behavior=none")...)["id"].(string)
		}
		return "customer,start_date,price,quantity,coupon,metadata.old_Stripe_sub_id\n" +
			"cus_A," + unix(7) + ",price_team,1,MONTHS," + sub("customer=cus_A", "items[0][price]=price_oldpro", "coupon=oldTEN") + "\n" +
			"cus_B," + unix(7) + "," + prices["new seats"] + ",1,," + sub("customer=cus_B", "items[0][price]="+prices["old seats"]) + "\n" +
			"cus_C," + unix(7) + "," + prices["new months"] + ",1,," + sub("customer=cus_C", "items[0][price]="+prices["old year"]) + "\n"
	})
	mapped := convert.Map{
		convert.KindPrice:  {"price_oldpro": "price_team", e.prices["old seats"]: e.prices["new seats"], e.prices["old year"]: e.prices["new months"]},
		convert.KindCoupon: {"oldTEN": "MONTHS"},
	}
	r := e.both(verify.Options{Map: mapped})
	require.Equal(t, []string{
		"source price.terms: 50.00 USD every month (price_team) / 19.99 USD every month (price_oldpro)",
		"source discount.terms: 20 % off for 6 months (MONTHS) / 10 % off forever (oldTEN)",
		"source price.terms: units 1 to 2 3.00 USD each, units from 3 on 2.50 USD each every month (" + e.prices["new seats"] + ")" +
			" / units 1 to 2 3.00 USD each, units from 3 on 2.00 USD each every month (" + e.prices["old seats"] + ")",
	}, found(r), "12 months are a year")
	require.Equal(t, "The customer would pay something else: 50.00 USD every month (price_team) in the new account, instead of 19.99 USD every month (price_oldpro)"+
		" in the old one. Name the right one in the map and move the row again; when this is meant, write \"different terms\" into the map's column accepted,"+
		" and give the map with --map.", r.Differences[0].Sentence)
	require.True(t, e.entry(1).VerifiedAt.IsBlank())

	mapped.Acknowledge(convert.KindPrice, "price_oldpro")
	mapped.Acknowledge(convert.KindCoupon, "oldTEN")
	require.Len(t, e.both(verify.Options{Map: mapped}).Differences, 1)
	mapped.Acknowledge(convert.KindPrice, e.prices["old seats"])
	require.Empty(t, found(e.both(verify.Options{Map: mapped})), "a person has said that it is meant")
}

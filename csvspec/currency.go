package csvspec

import (
	"strconv"
	"strings"
)

// The one table of currencies, by the number of their decimals, as Stripe counts them: MGA has none although ISO 4217
// gives it two; ISK and UGX have two that must be 00; of three decimals the last one must be 0. The codes are
// stripe-go's, and those that Stripe's documentation (docs.stripe.com/currencies) has besides them.
const (
	noDecimals    = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
	threeDecimals = "bhd jod kwd omr tnd"
	twoDecimals   = "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd btn bwp byn bzd " +
		"cad cdf chf cny cop crc cve czk dkk dop dzd eek egp etb eur fjd fkp gbp gel ghs gip gmd gtq gyd hkd hnl hrk htg " +
		"huf idr ils inr isk jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl ltl lvl mad mdl mkd mmk mnt mop mro mur mvr mwk mxn " +
		"myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sll sos " +
		"srd std svc szl thb tjs top try ttd twd tzs uah ugx usd uyu uzs vef wst xcd xcg yer zar zmw"
)

// minimums are the smallest amounts that Stripe charges, in minor units (docs.stripe.com/currencies, minimum and
// maximum charge amounts). Those of other currencies follow from an exchange rate, which nobody knows beforehand.
const minimums = "usd=50 aed=200 aud=50 bgn=100 brl=50 cad=50 chf=50 czk=1500 dkk=250 eur=50 gbp=30 hkd=400 huf=17500 " +
	"inr=50 jpy=50 mxn=1000 myr=200 nok=300 nzd=50 pln=200 ron=200 sek=300 sgd=50 thb=1000"

// MaxAmount is the largest amount that Stripe usually takes, also for a price times its quantity, in minor units of
// any currency (docs.stripe.com/currencies).
const MaxAmount = 99_999_999

// Decimals returns how many decimals an amount of the currency has in full units, and whether Stripe supports the
// currency. Case does not matter.
func Decimals(currency string) (int, bool) {
	switch code := fold(currency); {
	case len(code) != 3:
		return 0, false
	case listed(twoDecimals, code):
		return 2, true
	case listed(noDecimals, code):
		return 0, true
	case listed(threeDecimals, code):
		return 3, true
	default:
		return 0, false
	}
}

// Currencies returns the currencies Stripe supports, lower case, in alphabetical order for each number of decimals.
func Currencies() []string {
	return strings.Fields(twoDecimals + " " + noDecimals + " " + threeDecimals)
}

// listed tells whether a list of three-letter codes has the code.
func listed(codes, code string) bool {
	for i := 0; i+3 <= len(codes); i += 4 {
		if codes[i:i+3] == code {
			return true
		}
	}
	return false
}

// fold returns s in lower case without allocating when it is already.
func fold(s string) string { return strings.ToLower(s) }

// Step returns the number of minor units that every amount of the currency must be a multiple of: 100 for ISK and UGX,
// 10 for currencies with three decimals, otherwise 1; 0 for a currency that Stripe does not support.
func Step(currency string) int64 {
	decimals, known := Decimals(currency)
	switch code := fold(currency); {
	case !known:
		return 0
	case code == "isk", code == "ugx":
		return 100
	case decimals == 3:
		return 10
	}
	return 1
}

// MinimumCharge returns the smallest amount that Stripe charges in the currency, in minor units: less is carried on the
// customer's balance. It is false for currencies whose minimum Stripe does not publish.
func MinimumCharge(currency string) (int64, bool) {
	_, rest, ok := strings.Cut(" "+minimums, " "+fold(currency)+"=")
	if !ok {
		return 0, false
	}
	text, _, _ := strings.Cut(rest, " ")
	amount, err := strconv.ParseInt(text, 10, 64)
	return amount, err == nil
}

package csvspec

import "strings"

// Currencies by the number of their decimals, as Stripe counts them (docs.stripe.com/currencies): MGA has none
// although ISO 4217 gives it two, ISK and UGX have two that must be 00.
const (
	noDecimals    = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
	threeDecimals = "bhd jod kwd omr tnd"
	twoDecimals   = "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd btn bwp byn bzd " +
		"cad cdf chf cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel ghs gip gmd gtq gyd hkd hnl htg " +
		"huf idr ils inr isk jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn " +
		"myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos " +
		"srd std szl thb tjs top try ttd twd tzs uah ugx usd uyu uzs wst xcd xcg yer zar zmw"
)

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

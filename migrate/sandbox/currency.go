package sandbox

import (
	"strings"

	"github.com/subferry/subferry/migrate/sandbox/apierr"
)

// supportedCurrencies are Stripe's presentment currencies, lower case.
const supportedCurrencies = "usd, aed, afn, all, amd, ang, aoa, ars, aud, awg, azn, bam, bbd, bdt, bgn, bhd, bif, bmd, bnd, bob, brl, bsd, bwp, byn, bzd, cad, cdf, chf, clp, cny, cop, crc, cve, czk, djf, dkk, dop, dzd, egp, etb, eur, fjd, fkp, gbp, gel, gip, gmd, gnf, gtq, gyd, hkd, hnl, hrk, htg, huf, idr, ils, inr, isk, jmd, jod, jpy, kes, kgs, khr, kmf, krw, kwd, kyd, kzt, lak, lbp, lkr, lrd, lsl, mad, mdl, mga, mkd, mmk, mnt, mop, mro, mur, mvr, mwk, mxn, myr, mzn, nad, ngn, nio, nok, npr, nzd, omr, pab, pen, pgk, php, pkr, pln, pyg, qar, ron, rsd, rub, rwf, sar, sbd, scr, sek, sgd, shp, sle, sos, srd, std, szl, thb, tjs, tnd, top, try, ttd, twd, tzs, uah, ugx, uyu, uzs, vnd, vuv, wst, xaf, xcd, xof, xpf, yer, zar, zmw"

func knownCurrency(code string) bool {
	return len(code) == 3 && strings.Contains(" "+supportedCurrencies+",", " "+code+",")
}

// coarse is the multiple that amounts in a currency must be: Stripe wants the
// last decimal of three, and both decimals of ISK and UGX, to be zero.
func coarse(code string) int64 {
	switch code {
	case "bhd", "jod", "kwd", "omr", "tnd":
		return 10
	case "isk", "ugx":
		return 100
	}
	return 1
}

// chargeable refuses an amount that its currency cannot express.
func chargeable(amount *int64, code, param string) error {
	if unit := coarse(code); amount != nil && *amount%unit != 0 {
		return apierr.Invalid(param, "Invalid amount: amounts in %s must be a multiple of %d, but this one is %d.", code, unit, *amount)
	}
	return nil
}

func lower(text string) string { return strings.ToLower(text) }

package rehearse

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/validate"
)

// MadeUp is what a sandbox was given because a file names it: what every amount that is computed from it rests on.
type MadeUp struct {
	sandbox.Provisioned
	Yearly int // of the prices, those that recur every year; the others recur every month
}

// longestMonth is the longest that a monthly period can be.
const longestMonth = 31 * 24 * time.Hour

// Provision makes up an account from a file: it gives the sandbox everything that the file names and the sandbox lacks, as
// sandbox.Server.Provision makes it up, and returns what that was. A price is monthly, or yearly when a row's dates need a
// longer period, and in the currency that the row states.
//
// A file that would not be run, because it has errors that the options do not skip, gets nothing: half of what it names
// may be mistakes. That is no error here; migrate.Migrator.Review says what is wrong with it.
func Provision(ctx context.Context, box *sandbox.Server, in migrate.Input, o migrate.Options) (MadeUp, error) {
	names, report, err := migrate.ReferencesIn(ctx, in, o, box.Now())
	if err != nil {
		return MadeUp{}, err
	}
	whole := slices.ContainsFunc(report.Findings, func(f validate.Finding) bool { return f.Row == 0 && f.Severity == validate.Error })
	if whole || report.Invalid > 0 && !o.SkipInvalid {
		return MadeUp{}, nil
	}
	made, err := box.Provision(wanted(names))
	if err != nil {
		return MadeUp{}, err
	}
	up := MadeUp{Provisioned: made}
	for _, id := range made.Prices {
		if interval(names.Prices[id]) == "year" {
			up.Yearly++
		}
	}
	return up, nil
}

// wanted says what the sandbox shall have.
func wanted(n migrate.References) sandbox.Wanted {
	w := sandbox.Wanted{
		Customers: slices.Sorted(maps.Keys(n.Customers)), Products: slices.Sorted(maps.Keys(n.Products)),
		Coupons: slices.Sorted(maps.Keys(n.Coupons)), TaxRates: slices.Sorted(maps.Keys(n.TaxRates)),
	}
	for _, id := range slices.Sorted(maps.Keys(n.Prices)) {
		price := sandbox.WantedPrice{ID: id, Interval: interval(n.Prices[id])}
		if _, known := csvspec.Decimals(n.Prices[id].Currency); known {
			price.Currency = n.Prices[id].Currency
		}
		w.Prices = append(w.Prices, price)
	}
	return w
}

func interval(use migrate.PriceUse) string {
	if use.Longest > longestMonth {
		return "year"
	}
	return "month"
}

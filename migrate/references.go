package migrate

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
)

// References is every object that a file speaks of.
type References struct {
	Prices    map[string]PriceUse
	Products  map[string]bool
	Coupons   map[string]bool
	TaxRates  map[string]bool
	Customers map[string]bool
}

// PriceUse is what a file reveals of a price that it names.
type PriceUse struct {
	Currency string        // of the row's currency column
	Longest  time.Duration // from a start date to an anchor or the end of a trial: the period is not shorter
}

// ReferencesIn reads a file once and returns every object that it names, customers included, and what the file alone
// shows at a moment. Cells that cannot be read name nothing.
func ReferencesIn(ctx context.Context, in Input, o Options, now time.Time) (References, *validate.Report, error) {
	refs := newReferences()
	report, _, err := in.read(ctx, o.Validation(now, nil), nil, func(row *csvspec.Row, _ validate.Findings) error {
		refs.add(row)
		note(refs.Customers, row.Customer)
		return nil
	})
	return refs, report, err
}

func newReferences() References {
	return References{
		Prices: map[string]PriceUse{}, Products: map[string]bool{}, Coupons: map[string]bool{},
		TaxRates: map[string]bool{}, Customers: map[string]bool{},
	}
}

// add notes what a row names, but for its customer: those are as many as rows, the others are few.
func (n References) add(row *csvspec.Row) {
	n.addPrice(row.Price, row)
	for _, item := range row.Items {
		n.addPrice(item.Price, row)
	}
	for _, item := range row.AdhocItems {
		note(n.Products, item.Product)
	}
	for _, item := range row.AddInvoiceItems {
		note(n.Products, item.Product)
	}
	note(n.Coupons, row.Coupon)
	note(n.TaxRates, row.DefaultTaxRate)
}

func (n References) addPrice(id string, row *csvspec.Row) {
	if id == "" {
		return
	}
	use := n.Prices[id]
	if row.Currency != "" {
		use.Currency = row.Currency
	}
	for _, until := range [...]csvspec.Timestamp{row.BillingCycleAnchor, row.TrialEnd} {
		if !until.IsBlank() {
			use.Longest = max(use.Longest, time.Duration(until-row.StartDate)*time.Second)
		}
	}
	n.Prices[id] = use
}

func note(set map[string]bool, id string) {
	if id != "" {
		set[id] = true
	}
}

// ids returns the references for a look-up, sorted so that the same file asks the same questions.
func (n References) ids() ObjectIDs {
	return ObjectIDs{
		Prices:    slices.Sorted(maps.Keys(n.Prices)),
		Products:  slices.Sorted(maps.Keys(n.Products)),
		Coupons:   slices.Sorted(maps.Keys(n.Coupons)),
		TaxRates:  slices.Sorted(maps.Keys(n.TaxRates)),
		Customers: slices.Sorted(maps.Keys(n.Customers)),
	}
}

package gateway

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"github.com/stripe/stripe-go/v76"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/account"
)

// fewCustomers is up to how many customers are looked up one by one. Beyond it, walking the list may be cheaper.
const fewCustomers = 20

// customerAnswer is the part of a customer that decides whether billing can work and what it comes to. Nothing else of
// the person is kept.
type customerAnswer struct {
	stripe.APIResource
	ID        string `json:"id"`
	Deleted   bool   `json:"deleted"`
	Email     string `json:"email"`
	Currency  string `json:"currency"`
	Balance   int64  `json:"balance"`
	TaxExempt string `json:"tax_exempt"`

	Discount *stripe.Discount `json:"discount"`

	DefaultSource   reference `json:"default_source"`
	InvoiceSettings struct {
		DefaultPaymentMethod reference `json:"default_payment_method"`
	} `json:"invoice_settings"`
	Address  *addressAnswer `json:"address"`
	Shipping *struct {
		Address *addressAnswer `json:"address"`
	} `json:"shipping"`
}

type addressAnswer struct {
	Country    string `json:"country"`
	PostalCode string `json:"postal_code"`
}

func (a *customerAnswer) complete() bool { return a.ID != "" }

func (a *addressAnswer) locates() bool { return a != nil && (a.Country != "" || a.PostalCode != "") }

func (a *customerAnswer) data() account.Customer {
	c := account.Customer{
		ID:               a.ID,
		HasPaymentMethod: a.InvoiceSettings.DefaultPaymentMethod != "" || a.DefaultSource != "",
		HasEmail:         a.Email != "",
		HasTaxLocation:   a.Address.locates() || (a.Shipping != nil && a.Shipping.Address.locates()),
		Currency:         a.Currency,
		Balance:          a.Balance,
		TaxExempt:        a.TaxExempt,
	}
	if d := a.Discount; d != nil && !d.Deleted && d.Coupon != nil {
		c.Discount = &account.Discount{Coupon: couponData(d.Coupon), Start: csvspec.Timestamp(d.Start), End: csvspec.Timestamp(d.End)}
	}
	return c
}

// expandDiscount asks for what the coupon of a customer's discount applies to and for its further currencies, which
// Stripe leaves out otherwise. In a list that is as deep as it expands.
func expandDiscount(under string) []string {
	return []string{under + "discount.coupon.applies_to", under + "discount.coupon.currency_options"}
}

// customers finds the customers with as few requests as it can without knowing how many the account has: it walks
// the list until as many pages had none of them as there are customers left to find, and asks for those one by
// one. That is never more than twice the cheaper of the two ways, and a list of nothing else is walked to its end.
func (g *Gateway) customers(ctx context.Context, ids []string) (map[string]account.Customer, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	wanted := make(map[string]struct{}, len(ids))
	for _, id := range ids {
		wanted[id] = struct{}{}
	}
	found := make(map[string]account.Customer, len(ids))
	if len(wanted) > fewCustomers {
		exhausted, err := g.walkCustomers(ctx, wanted, found)
		// Customers that the list lacks may exist all the same: in test mode, those of a test clock do. A clock has
		// three customers, so that many missing ones are missing.
		hidden := !g.key.Livemode() && len(wanted) <= 5*fewCustomers
		if err != nil || exhausted && !hidden {
			return found, err
		}
	}
	l := newLookup(ctx)
	defer l.cancel()
	rest := find(l, slices.Collect(maps.Keys(wanted)), g.customer)
	err := l.wait()
	maps.Copy(found, rest)
	return found, err
}

// walkCustomers moves customers from wanted to found. It returns true when the list has been walked to its end.
func (g *Gateway) walkCustomers(ctx context.Context, wanted map[string]struct{}, found map[string]account.Customer) (bool, error) {
	params := &stripe.CustomerListParams{}
	params.Limit = stripe.Int64(pageSize)
	params.Expand = stripe.StringSlice(expandDiscount("data."))
	for wasted := 0; wasted < len(wanted); {
		var list customerList
		if err := g.send(ctx, request{method: http.MethodGet, path: "/v1/customers", params: params}, &list); err != nil {
			return false, err
		}
		before := len(wanted)
		for i := range list.Data {
			if _, ok := wanted[list.Data[i].ID]; ok {
				found[list.Data[i].ID] = list.Data[i].data()
				delete(wanted, list.Data[i].ID)
			}
		}
		if !list.HasMore || len(list.Data) == 0 {
			return true, nil
		}
		if len(wanted) == before {
			wasted++
		}
		params.StartingAfter = &list.Data[len(list.Data)-1].ID
	}
	return false, nil
}

type customerList struct {
	stripe.APIResource
	page
	Data []customerAnswer `json:"data"`
}

func (g *Gateway) customer(ctx context.Context, id string) (account.Customer, bool, error) {
	var a customerAnswer
	ok, err := g.get(ctx, "customers", id, &stripe.CustomerParams{Expand: stripe.StringSlice(expandDiscount(""))}, &a)
	if !ok || a.Deleted {
		return account.Customer{}, false, err
	}
	return a.data(), true, nil
}

package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/stripe/stripe-go/v76"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate/account"
)

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
		DefaultPaymentMethod paymentMethodAnswer `json:"default_payment_method"`
	} `json:"invoice_settings"`
	Subscriptions struct {
		HasMore bool                    `json:"has_more"`
		Data    []ownSubscriptionAnswer `json:"data"`
	} `json:"subscriptions"`
	Address  *addressAnswer `json:"address"`
	Shipping *struct {
		Address *addressAnswer `json:"address"`
	} `json:"shipping"`
}

// paymentMethodAnswer is a payment method, or its ID alone.
type paymentMethodAnswer struct {
	ID   string `json:"id"`
	Card *struct {
		ExpMonth int `json:"exp_month"`
		ExpYear  int `json:"exp_year"`
	} `json:"card"`
}

// UnmarshalJSON reads both forms.
func (a *paymentMethodAnswer) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &a.ID)
	}
	type plain paymentMethodAnswer
	return json.Unmarshal(data, (*plain)(a))
}

// expires returns the first moment after the month until whose end a card is valid; blank for what is no card.
func (a *paymentMethodAnswer) expires() csvspec.Timestamp {
	if a.Card == nil || a.Card.ExpYear == 0 {
		return 0
	}
	return csvspec.At(time.Date(a.Card.ExpYear, time.Month(a.Card.ExpMonth)+1, 1, 0, 0, 0, 0, time.UTC))
}

// ownSubscriptionAnswer is what is looked at of a customer's subscriptions.
type ownSubscriptionAnswer struct {
	ID       string            `json:"id"`
	Status   string            `json:"status"`
	Metadata map[string]string `json:"metadata"`
	Items    struct {
		Data []struct {
			Price reference `json:"price"`
		} `json:"data"`
	} `json:"items"`
}

func (a *ownSubscriptionAnswer) data() account.Subscription {
	_, ours := schedule.ParseTag(a.Metadata)
	s := account.Subscription{ID: a.ID, Status: a.Status, Ours: ours}
	for _, item := range a.Items.Data {
		s.Prices = append(s.Prices, string(item.Price))
	}
	return s
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
		HasPaymentMethod: a.InvoiceSettings.DefaultPaymentMethod.ID != "" || a.DefaultSource != "",
		HasEmail:         a.Email != "",
		HasTaxLocation:   a.Address.locates() || (a.Shipping != nil && a.Shipping.Address.locates()),
		Currency:         a.Currency,
		Balance:          a.Balance,
		TaxExempt:        a.TaxExempt,
		CardExpires:      a.InvoiceSettings.DefaultPaymentMethod.expires(),
		Current:          int64(len(a.Subscriptions.Data)),
	}
	if a.Subscriptions.HasMore {
		c.Current++ // there are more than are shown
	}
	for i := range a.Subscriptions.Data {
		c.Subscriptions = append(c.Subscriptions, a.Subscriptions.Data[i].data())
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

// expandCustomer also asks for the card and the subscriptions of a customer, which a restricted key may not be allowed to
// see.
func expandCustomer(under string) []string {
	return append(expandDiscount(under), under+"invoice_settings.default_payment_method", under+"subscriptions")
}

// Customers returns one page of at most 100 customers, newest first, with one request. A key that may not see cards or
// subscriptions gets the page without them, with a second request.
func (g *Gateway) Customers(ctx context.Context, after string) (migrate.CustomerPage, error) {
	params := &stripe.CustomerListParams{}
	params.Limit = stripe.Int64(pageSize)
	params.StartingAfter = text(after)
	params.Expand = stripe.StringSlice(expandCustomer("data."))
	var list customerList
	err := g.send(ctx, request{method: http.MethodGet, path: "/v1/customers", params: params}, &list)
	if forbidden(err) {
		params.Expand = stripe.StringSlice(expandDiscount("data."))
		err = g.send(ctx, request{method: http.MethodGet, path: "/v1/customers", params: params}, &list)
	}
	if err != nil {
		return migrate.CustomerPage{}, err
	}
	page := migrate.CustomerPage{Customers: make([]account.Customer, 0, len(list.Data)), More: list.HasMore}
	for i := range list.Data {
		page.Customers = append(page.Customers, list.Data[i].data())
	}
	return page, nil
}

// forbidden tells whether the key lacks a permission.
func forbidden(err error) bool {
	var refused *migrate.StripeError
	return errors.As(err, &refused) && refused.Status == http.StatusForbidden
}

type customerList struct {
	stripe.APIResource
	page
	Data []customerAnswer `json:"data"`
}

func (g *Gateway) customer(ctx context.Context, id string) (account.Customer, bool, error) {
	var a customerAnswer
	ok, err := g.get(ctx, "customers", id, &stripe.CustomerParams{Expand: stripe.StringSlice(expandCustomer(""))}, &a)
	if forbidden(err) {
		ok, err = g.get(ctx, "customers", id, &stripe.CustomerParams{Expand: stripe.StringSlice(expandDiscount(""))}, &a)
	}
	if !ok || a.Deleted {
		return account.Customer{}, false, err
	}
	return a.data(), true, nil
}

package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/rehearse"
)

// listInvoices asks a server that speaks Stripe's API for all invoices that match the query, and hands them to each, the
// newest first. The key is a secret key; the address is the server's without /v1.
func listInvoices(ctx context.Context, wire http.RoundTripper, address, key string, query url.Values, each func(*rehearse.Invoice) error) error {
	query.Set("limit", "100")
	for {
		page, err := invoicePage(ctx, wire, address, key, query)
		if err != nil {
			return fmt.Errorf("the invoices cannot be listed: %w", err)
		}
		for _, one := range page.Data {
			if err := each(one.invoice()); err != nil {
				return err
			}
		}
		if !page.HasMore || len(page.Data) == 0 {
			return nil
		}
		query.Set("starting_after", page.Data[len(page.Data)-1].ID)
	}
}

func invoicePage(ctx context.Context, wire http.RoundTripper, address, key string, query url.Values) (*invoiceList, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/v1/invoices?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	r.SetBasicAuth(key, "")
	answer, err := wire.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(answer.Body, 1000)) // as much of the reason as arrived
		return nil, fmt.Errorf("%s: %s", answer.Status, text)
	}
	page := &invoiceList{}
	return page, json.NewDecoder(answer.Body).Decode(page)
}

type invoiceList struct {
	Data    []invoiceJSON `json:"data"`
	HasMore bool          `json:"has_more"`
}

// invoiceJSON is an invoice as the API shows it.
type invoiceJSON struct {
	ID                   string            `json:"id"`
	Customer             string            `json:"customer"`
	Created              csvspec.Timestamp `json:"created"`
	DueDate              csvspec.Timestamp `json:"due_date"`
	Currency             string            `json:"currency"`
	Status               string            `json:"status"`
	Attempted            bool              `json:"attempted"`
	Subtotal             int64             `json:"subtotal"`
	Total                int64             `json:"total"`
	AmountDue            int64             `json:"amount_due"`
	TotalDiscountAmounts []amountJSON      `json:"total_discount_amounts"`
	TotalTaxAmounts      []amountJSON      `json:"total_tax_amounts"`
	Lines                struct {
		Data []lineJSON `json:"data"`
	} `json:"lines"`
}

type amountJSON struct {
	Amount    int64 `json:"amount"`
	Inclusive bool  `json:"inclusive"`
}

type lineJSON struct {
	Amount    int64  `json:"amount"`
	Quantity  int64  `json:"quantity"`
	Proration bool   `json:"proration"`
	Type      string `json:"type"`
	Period    struct {
		Start csvspec.Timestamp `json:"start"`
		End   csvspec.Timestamp `json:"end"`
	} `json:"period"`
	Price struct {
		Product string `json:"product"`
	} `json:"price"`
}

func (j *invoiceJSON) invoice() *rehearse.Invoice {
	i := &rehearse.Invoice{
		ID: j.ID, Customer: j.Customer, Created: j.Created, DueDate: j.DueDate,
		Currency: j.Currency, Status: j.Status, Attempted: j.Attempted, Subtotal: j.Subtotal, Total: j.Total, AmountDue: j.AmountDue,
	}
	for _, d := range j.TotalDiscountAmounts {
		i.Discount += d.Amount
	}
	for _, t := range j.TotalTaxAmounts {
		if t.Inclusive {
			i.TaxIncluded += t.Amount
		} else {
			i.Tax += t.Amount
		}
	}
	for _, l := range j.Lines.Data {
		i.Lines = append(i.Lines, rehearse.Line{
			Product: l.Price.Product, Quantity: l.Quantity, Amount: l.Amount, From: l.Period.Start, To: l.Period.End, Proration: l.Proration,
			OneOff: l.Type == "invoiceitem" && !l.Proration,
		})
	}
	return i
}

package cutover

import (
	"context"
	"fmt"
	"net/url"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
	"github.com/subferry/subferry/migrate/internal/standing"
)

// Leftover is something of a customer in the source account that is not paid, or not billed yet, and what a cutover means
// to it.
type Leftover struct {
	Kind     string `json:"kind"` // open_invoice, draft_invoice, pending_item or proration
	ID       string `json:"id"`
	Customer string `json:"customer"`
	SourceID string `json:"source_id"` // "" for an item that waits for whichever subscription is invoiced next
	Row      int64  `json:"row"`       // 0 likewise
	Line     int64  `json:"line"`
	Amount   int64  `json:"amount"` // in minor units of Currency; less than 0 for a credit
	Currency string `json:"currency"`
	Sentence string `json:"sentence"`
}

// The kinds of leftovers.
const (
	openInvoice  = "open_invoice"
	draftInvoice = "draft_invoice"
	pendingItem  = "pending_item"
	proration    = "proration"
)

// left is an invoice or an invoice item as Stripe has it.
type left struct {
	ID           string       `json:"id"`
	Customer     standing.Ref `json:"customer"`
	Subscription standing.Ref `json:"subscription"`
	Status       string       `json:"status"`
	AutoAdvance  bool         `json:"auto_advance"`
	Remaining    int64        `json:"amount_remaining"`
	Amount       int64        `json:"amount"`
	Currency     string       `json:"currency"`
	Proration    bool         `json:"proration"`
}

func (l *left) id() string { return l.ID }

// fewCustomers is up to how many customers are asked for one by one.
const fewCustomers = 3

// readLeftovers reads the open and draft invoices and the pending items of the rows' customers.
func (w *work) readLeftovers(ctx context.Context, rows []standing.Row) error {
	w.leftovers = map[string][]Leftover{}
	bySource, customers := map[string]*standing.Row{}, map[string]bool{}
	for i := range rows {
		bySource[rows[i].SourceID] = &rows[i]
		customers[string(rows[i].Old.Customer)] = true
	}
	if len(customers) == 0 {
		return nil
	}
	filters := []url.Values{{}}
	if len(customers) <= fewCustomers {
		filters = nil
		for c := range customers {
			filters = append(filters, url.Values{"customer": {c}})
		}
	}
	for _, one := range []struct{ collection, key, value string }{
		{"invoices", "status", "open"}, {"invoices", "status", "draft"}, {"invoiceitems", "pending", "true"},
	} {
		for _, f := range filters {
			query := url.Values{one.key: {one.value}}
			if c := f.Get("customer"); c != "" {
				query.Set("customer", c)
			}
			err := standing.Walk(ctx, w.source, one.collection, query, (*left).id, func(l *left) bool {
				if customers[string(l.Customer)] {
					w.keepLeftover(l, one.collection, bySource[string(l.Subscription)])
				}
				return true
			})
			if err != nil {
				return fmt.Errorf("what is open in the source account cannot be read: %w", err)
			}
		}
	}
	return nil
}

// keepLeftover keeps one that concerns a row, or the customer as a whole; what belongs to another subscription goes on as it is.
func (w *work) keepLeftover(l *left, collection string, row *standing.Row) {
	if row == nil && (l.Subscription != "" || collection == "invoices") {
		return
	}
	o := Leftover{ID: l.ID, Customer: string(l.Customer), SourceID: string(l.Subscription), Amount: l.Amount, Currency: l.Currency}
	periodEnd := csvspec.Timestamp(0)
	if row != nil {
		o.Row, o.Line, periodEnd = row.Row, row.Line, row.Old.PeriodEnd()
	}
	if collection == "invoices" {
		o.Amount = l.Remaining
	}
	switch {
	case collection == "invoices" && l.Status == "open":
		o.Kind = openInvoice
	case collection == "invoices":
		o.Kind = draftInvoice
	case l.Proration:
		o.Kind = proration
	default:
		o.Kind = pendingItem
	}
	o.Sentence = w.consequence(o, l, periodEnd)
	w.leftovers[o.Customer] = append(w.leftovers[o.Customer], o)
	w.result.Leftovers = append(w.result.Leftovers, o)
}

// consequence says what would happen to a leftover.
func (w *work) consequence(o Leftover, l *left, periodEnd csvspec.Timestamp) string {
	amount, stop := money(o.Amount, o.Currency), w.options.Stop
	end := periodEnd
	if !stop.At.IsBlank() {
		end = stop.At
	}
	switch {
	case o.Kind == openInvoice && stop.Pause:
		return fmt.Sprintf("%s of it are not paid: the invoice stays open, and Stripe goes on collecting it.", amount)
	case o.Kind == openInvoice:
		return fmt.Sprintf("%s of it are not paid: Stripe goes on collecting until the subscription ends on %s, and then stops. Collect it yourself after that, or write it off.", amount, words.Minute(end))
	case o.Kind == draftInvoice && l.AutoAdvance:
		return fmt.Sprintf("%s for a period before the cutover: the source account finalizes and charges it within about an hour, as it would anyway.", amount)
	case o.Kind == draftInvoice:
		return fmt.Sprintf("%s that nobody charges: the draft stays a draft. Finalize it in the source account, or delete it.", amount)
	case o.SourceID == "":
		return fmt.Sprintf("%s wait for the customer's next invoice in the source account, and wait on: when no other subscription of the customer goes on there, invoice it by hand.", amount)
	case stop.Pause:
		return fmt.Sprintf("%s wait for the next invoice, which would be void: the row is refused. Invoice it first, or cancel at the period's end.", amount)
	case o.Amount < 0:
		return fmt.Sprintf("A credit of %s: the last invoice on %s takes it up; what is left of it stays with the customer in the source account, and the new account does not know of it.",
			money(-o.Amount, o.Currency), words.Minute(end))
	}
	return fmt.Sprintf("%s wait for the next invoice: a last one, on %s, charges them in the source account.", amount, words.Minute(end))
}

// refusedForItems refuses a row whose pending items a pause would put on a void invoice.
func (w *work) refusedForItems(r *standing.Row) (string, bool) {
	if !w.options.Stop.Pause {
		return "", false
	}
	n := 0
	for _, o := range w.leftovers[string(r.Old.Customer)] {
		if (o.Kind == pendingItem || o.Kind == proration) && (o.SourceID == r.SourceID || o.SourceID == "") {
			n++
		}
	}
	return fmt.Sprintf("%d pending items wait for the next invoice of %s, and with a pause that would be void: invoice them first, or cancel at the period's end.", n, r.SourceID), n > 0
}

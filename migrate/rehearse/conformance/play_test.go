package conformance

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/rehearse"
	"github.com/subferry/subferry/migrate/schedule"
)

// play is one scenario on its way through a server.
type play struct {
	scenario
	account *account
	gateway *gateway.Gateway
	planned schedule.Planned
}

// prepare makes what the scenario sells, and plans its row with what the server says of that.
func (p *play) prepare(ctx context.Context) error {
	if err := p.account.sell(ctx, p.scenario.account); err != nil {
		return err
	}
	ids, err := p.account.facts(p.scenario.account)
	if err != nil {
		return err
	}
	facts, err := p.gateway.AccountData(ctx, ids)
	if err != nil {
		return err
	}
	row, err := p.row(p.account.ids)
	if err != nil {
		return err
	}
	planner := schedule.Planner{Account: &facts, Direct: p.direct, Now: csvspec.At(p.now)}
	if p.planned, err = planner.FromRow(row); err != nil {
		return err
	}
	if want := p.head["Strategy"][0]; string(p.planned.Strategy) != want {
		return fmt.Errorf("planned as %s, expected %s", p.planned.Strategy, want)
	}
	return nil
}

// create makes the customer on the clock and what the row becomes, with the gateway that migrations use.
func (p *play) create(ctx context.Context, clock string) error {
	customer, err := p.account.enroll(ctx, p.scenario.account, clock)
	if err != nil {
		return err
	}
	if p.planned.IsDirect() {
		p.planned.Subscription.Customer = customer
		_, err = p.gateway.CreateSubscription(ctx, *p.planned.Subscription, "conformance"+p.account.suffix)
		return err
	}
	p.planned.Schedule.Customer = customer
	_, err = p.gateway.CreateSchedule(ctx, p.planned.Schedule, "conformance"+p.account.suffix)
	return err
}

// compare reads the customer's invoices.
func (p *play) compare(ctx context.Context, t *testing.T) {
	var invoices []rehearse.Invoice
	c := p.account.client
	query := url.Values{"customer": {p.planned.Customer()}}
	err := listInvoices(ctx, c.http.Transport, c.base, c.key, query, func(i *rehearse.Invoice) error {
		invoices = append(invoices, *i)
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, p.invoices, render(invoices, p.account.names()), "%v", p.head)
}

// troupe is up to three plays on one clock, which is as many customers as a clock takes. They begin and end together and
// bill at the same intervals.
type troupe struct {
	client *client
	plays  []*play
}

// customersPerClock is Stripe's limit.
const customersPerClock = 3

// troupes puts plays together that can share a clock.
func troupes(c *client, plays []*play) (all []*troupe) {
	open := map[string]*troupe{}
	for _, p := range plays {
		key := fmt.Sprint(p.now, p.until, p.planned.Cycle)
		one := open[key]
		if one == nil || len(one.plays) == customersPerClock {
			one = &troupe{client: c}
			open[key] = one
			all = append(all, one)
		}
		one.plays = append(one.plays, p)
	}
	return all
}

// play advances a clock of its own from the beginning to the end.
func (g *troupe) play(ctx context.Context, t *testing.T) {
	first := g.plays[0]
	clock, err := g.client.create(ctx, "/v1/test_helpers/test_clocks", object{"frozen_time": first.now.Unix(), "name": "subferry conformance"})
	require.NoError(t, err)
	path := "/v1/test_helpers/test_clocks/" + clock
	defer func() { // the customers and all they have go with it
		_, err := g.client.do(context.WithoutCancel(ctx), http.MethodDelete, path, nil)
		require.NoError(t, err, "delete the test clock %s yourself", clock)
	}()
	for _, p := range g.plays {
		require.NoError(t, p.create(ctx, clock), p.name)
	}
	for at := csvspec.At(first.now); at < csvspec.At(first.until); {
		at = min(first.planned.Cycle.Nth(at, 2), csvspec.At(first.until)) // a clock takes two intervals at once
		require.NoError(t, g.advance(ctx, path, int64(at)))
	}
	for _, p := range g.plays {
		t.Run(p.name, func(t *testing.T) { p.compare(ctx, t) })
	}
}

// advance moves the clock and waits until everything that falls due has been done.
func (g *troupe) advance(ctx context.Context, path string, to int64) error {
	answer, err := g.client.do(ctx, http.MethodPost, path+"/advance", object{"frozen_time": strconv.FormatInt(to, 10)})
	for err == nil && answer["status"] == "advancing" {
		select {
		case <-time.After(2 * time.Second):
			answer, err = g.client.do(ctx, http.MethodGet, path, nil)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err == nil && answer["status"] != "ready" {
		err = fmt.Errorf("the clock is %v instead of ready", answer["status"])
	}
	return err
}

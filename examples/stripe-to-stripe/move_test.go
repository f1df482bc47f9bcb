package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/cutover"
	"github.com/subferry/subferry/migrate/export"
	"github.com/subferry/subferry/migrate/export/propose"
	"github.com/subferry/subferry/migrate/export/toolkit"
	"github.com/subferry/subferry/migrate/verify"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/convert"
)

// move is what a user does: export, map, run, verify, cut over. Interrupted anywhere, it is done once more and goes on.
func (p *process) move(ctx context.Context, workers int) error {
	mapping, decisions, err := p.export(ctx)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	id, err := p.run(ctx)
	if err != nil {
		return fmt.Errorf("run: %w", err)
	}
	from := p.party(source)
	v := verify.New(verify.Config{Destination: p.party(destination), Source: &from, Ledger: p.ledger, Clock: p.clock})
	o := verify.Options{Map: mapping, Decided: decisions.Word}
	r, err := v.Verify(ctx, id, o)
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	c := p.cutover(func(ctx context.Context, id string, rows map[int64]bool) (map[int64]string, error) {
		again, changed := o, map[int64]string{}
		again.Rows = rows
		r, err := v.Verify(ctx, id, again)
		if err != nil {
			return nil, err
		}
		for _, d := range r.Differences {
			changed[d.Row] = d.Sentence
		}
		return changed, nil
	}, workers)
	done, err := c.Apply(ctx, id, cutover.Options{Account: "acct_sandboxOldCompany"})
	if err != nil {
		return fmt.Errorf("cutover: %w", err)
	}
	bills, err := c.WhoBills(ctx, id)
	if err != nil {
		return fmt.Errorf("who bills: %w", err)
	}
	switch {
	case len(r.Differences) > 0:
		return fmt.Errorf("verify found %d differences, such as %+v", len(r.Differences), r.Differences[0])
	case done.Refused+done.Failed+done.ToDo > 0:
		return fmt.Errorf("the cutover has left %d rows: %+v %+v", done.Refused+done.Failed+done.ToDo, done.Refusals, done.Failures)
	case bills.Alarms+bills.ToCutOver > 0:
		return fmt.Errorf("who bills: %+v", bills.Counts)
	}
	return nil
}

// export makes the file, with a map and decisions of the user's.
func (p *process) export(ctx context.Context) (convert.Map, toolkit.Decisions, error) {
	read := func(rows [][]string) *bytes.Buffer {
		var b bytes.Buffer
		require.NoError(p.t, csv.NewWriter(&b).WriteAll(rows))
		return &b
	}
	customers, err := convert.ReadCustomers(read(p.files.Copy))
	require.NoError(p.t, err)
	decisions, err := toolkit.ReadDecisions(read(p.files.Decisions))
	require.NoError(p.t, err)
	catalogs := map[side]propose.Catalog{}
	for by := range p.gateways {
		if catalogs[by], err = propose.Read(ctx, p.exporter(by)); err != nil {
			return nil, nil, err
		}
	}
	proposals, err := propose.Propose(catalogs[source], catalogs[destination])
	require.NoError(p.t, err)
	var proposed bytes.Buffer
	require.NoError(p.t, propose.Write(&proposed, proposals))
	mapping, err := convert.ReadMap(strings.NewReader(strings.ReplaceAll(proposed.String(), ",,sure,", ",yes,sure,")))
	require.NoError(p.t, err)
	if p.file != nil {
		return mapping, decisions, nil
	}
	kinds, err := export.ParseKinds([]string{"subscriptions"})
	require.NoError(p.t, err)
	kind, dir := kinds[0].Expanding("customer"), p.path("export")
	_, err = p.exporter(source).Run(ctx, export.Options{Dir: dir, Kinds: []export.Kind{kind}})
	if finished := (*export.ExistsError)(nil); err != nil && !errors.As(err, &finished) { // by an earlier life
		return nil, nil, err
	}
	var rows, asked, left bytes.Buffer
	sum, err := toolkit.Write(func(visit func([]byte) error) error { return export.Lines(dir, kind, visit) },
		toolkit.Options{Now: p.clock.Now(), Map: mapping, Customers: customers, Decisions: decisions}, toolkit.Outputs{Rows: &rows, Decisions: &asked, Left: &left})
	require.NoError(p.t, err)
	require.Equal(p.t, len(p.files.Subscriptions), sum.Subscriptions)
	require.Equal(p.t, sum.Subscriptions, sum.Ready+sum.Immovable+sum.LeftOut, "%s", asked.String())
	p.world.file = rows.Bytes()
	return mapping, decisions, os.WriteFile(p.path("subs.csv"), p.world.file, 0o600)
}

// run runs the file, or goes on, and returns the migration.
func (p *process) run(ctx context.Context) (string, error) {
	review, err := p.migrators[destination].Review(ctx, migrate.FileInput(p.path("subs.csv")), migrate.Options{Unit: csvspec.UnitMinor, Lead: validate.LiveLead, CheckCustomers: true})
	if err != nil {
		return "", err
	}
	summary, err := p.migrators[destination].Run(ctx, review, migrate.RunOptions{})
	already := (*migrate.AlreadyMigratedError)(nil)
	switch {
	case errors.As(err, &already):
		return already.ID, nil
	case err != nil:
		return "", err
	case summary.Failed+summary.Deferred > 0:
		return "", fmt.Errorf("%d rows failed, %d were deferred: %+v", summary.Failed, summary.Deferred, summary.Failures)
	}
	return summary.ID, nil
}

// Every subscription of the source account, in all awkward states, goes the whole way; two months later every customer has
// paid once for each period, by the right side.
func TestEveryPeriodIsChargedOnceByTheRightSide(t *testing.T) {
	all := append(profiles(), hidden()...)
	n := 3 * len(all)
	if os.Getenv("SUBFERRY_SOAK") != "" {
		n = 5000
	}
	w := newWorld(t, n, all)
	require.NoError(t, w.process(&crashtest.Crash{}, 8).move(context.Background(), 8))
	require.NoError(t, w.charged())
	w.clock.advance(62 * 24 * time.Hour)
	require.NoError(t, w.charged())
}

// What goes wrong is seen: without a cutover both charge; without the new side nobody does.
func TestTheCheckSeesDoublesAndGaps(t *testing.T) {
	w, ctx := newWorld(t, len(profiles()), profiles()), context.Background()
	p := w.process(&crashtest.Crash{}, 1)
	_, _, err := p.export(ctx)
	require.NoError(t, err)
	_, err = p.run(ctx)
	require.NoError(t, err)
	w.clock.advance(35 * 24 * time.Hour)
	require.ErrorContains(t, w.charged(), "sub_0001 of cus_0001 (ready, by destination): source charges 7 Mar 2027 09:00")

	w = newWorld(t, len(profiles()), profiles())
	p = w.process(&crashtest.Crash{}, 1)
	require.NoError(t, p.move(ctx, 1))
	all, err := w.ledger.Migrations(ctx)
	require.NoError(t, err)
	_, err = p.migrators[destination].Cancel(ctx, all[0].ID, migrate.CancelOptions{})
	refused := (*migrate.SourceStoppedError)(nil)
	require.ErrorAs(t, err, &refused)
	_, err = p.migrators[destination].Cancel(ctx, all[0].ID, migrate.CancelOptions{SourceStopped: true})
	require.NoError(t, err)
	bills, err := p.cutover(nil, 1).WhoBills(ctx, all[0].ID)
	require.NoError(t, err)
	require.EqualValues(t, 20, bills.Counts[cutover.ByNobody])
	w.clock.advance(35 * 24 * time.Hour)
	require.ErrorContains(t, w.charged(), "nobody charges from 7 Mar 2027 09:00")
}

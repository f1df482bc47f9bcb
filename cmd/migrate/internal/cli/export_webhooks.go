package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/subferry/subferry/migrate/export"
	"github.com/subferry/subferry/migrate/serve/store"
)

// exportPage is how many events are read at a time.
const exportPage = 500

// appendedOutcome is what JSON mode prints.
type appendedOutcome struct {
	export.Appended
	File  string `json:"file"`
	Added int64  `json:"added"`
	Known int64  `json:"left_out"` // that the export in the same directory has
}

// exportWebhooks appends the events that webhooks have brought to a file. Nothing is asked of Stripe.
func (a *app) exportWebhooks(ctx context.Context, args []string, f exportFlags) error {
	if !slices.Equal(args, []string{"events"}) {
		return &usageError{"--from-webhooks exports events, and nothing else: migrate export events --from-webhooks --out DIR"}
	}
	if !f.since.IsZero() || !f.until.IsZero() || f.split != "" {
		return &usageError{"--from-webhooks goes on where it ended, with whatever has arrived since: leave --since, --until and --split out"}
	}
	return a.withService(ctx, f.session.state, func(s *store.Store) error {
		from, err := webhookAccount(ctx, s, f)
		if err != nil {
			return err
		}
		o := export.AppendOptions{Dir: f.out, Account: from.Account, Livemode: from.Livemode, CSV: f.form == formatCSV, Now: export.Moment(a.env.Now().Unix())}
		done, err := export.Append(ctx, o, func(ctx context.Context, after int64) ([]export.Arrived, error) {
			events, err := s.EventsAfter(ctx, from, after, exportPage)
			page := make([]export.Arrived, len(events))
			for i, e := range events {
				page[i] = export.Arrived{Number: e.Number, Raw: e.Raw}
			}
			return page, err
		})
		if other := (*export.OtherExportError)(nil); errors.As(err, &other) {
			return &refusal{"other_export", err.Error()}
		}
		if err != nil {
			return err
		}
		file := filepath.Join(f.out, export.AppendedFile)
		if !a.textMode() {
			return a.printJSON(appendedOutcome{done, file, done.Added, done.Known})
		}
		a.print("%-20s  %9s  %s: %d new", "events", thousands(int(done.Objects)), file, done.Added)
		if done.Known > 0 {
			a.print(", %d left out that events.ndjson has", done.Known)
		}
		a.print("\n")
		return nil
	})
}

// webhookAccount returns the account whose events are exported: the one that is named, or the only one of the mode.
func webhookAccount(ctx context.Context, s *store.Store, f exportFlags) (store.EventAccount, error) {
	all, err := s.EventAccounts(ctx)
	if err != nil {
		return store.EventAccount{}, err
	}
	var names []string
	var found []store.EventAccount
	for _, one := range all {
		if one.Livemode == f.session.mode.live {
			names = append(names, one.Account)
			if f.fromAccount == "" || f.fromAccount == one.Account {
				found = append(found, one)
			}
		}
	}
	mode := map[bool]string{true: "live mode", false: "test mode (--live for live mode)"}[f.session.mode.live]
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return store.EventAccount{}, &usageError{"events of several accounts have come: name one of " + strings.Join(names, ", ") + " with --account"}
	case len(names) > 0:
		return store.EventAccount{}, fmt.Errorf("no event of %s has come in %s: there are those of %s", f.fromAccount, mode, strings.Join(names, ", "))
	}
	return store.EventAccount{}, fmt.Errorf("no webhook has brought an event in %s yet: migrate serve takes them at /webhooks/stripe/ACCOUNT, with the endpoint's secret in ACCOUNT.test.whsec or ACCOUNT.live.whsec of its directory of keys", mode)
}

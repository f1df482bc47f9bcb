package plan

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
)

// MaxAge is how old a plan may be when it is applied.
const MaxAge = 24 * time.Hour

// clockSkew is how far the clocks of two machines may differ before a plan counts as one of the future.
const clockSkew = 2 * time.Minute

// Reviewer is what applying a plan needs of a *migrate.Migrator.
type Reviewer interface {
	Review(ctx context.Context, in migrate.Input, o migrate.Options) (*migrate.Review, error)
}

// Apply checks that everything that the plan pins still holds, and returns the review with which
// (*migrate.Migrator).Run creates exactly the plan's schedules. in is the plan's file, see Plan.File. Of c, Renewals and
// MadeUp do not count: the plan says them.
//
// It creates nothing, and returns either a review or an error: an *OtherAPIError, *FutureError, *TooOldError, *TooCloseError
// or *EditedError before the first request; an *OtherAccountError, *OtherModeError, *FactsChangedError or ErrPlanEdited
// after reading the account.
func (p *Plan) Apply(ctx context.Context, m Reviewer, in migrate.Input, c Config) (*migrate.Review, error) {
	c.Now = c.Now.Truncate(time.Second) // dates have no fractions
	if err := p.checkOffline(in, c); err != nil {
		return nil, err
	}
	review, err := m.Review(ctx, in, p.options(c))
	if err != nil {
		return nil, p.explain(err)
	}
	if err := p.checkAccount(review.Account); err != nil {
		return nil, err
	}
	c.Renewals, c.MadeUp = p.Options.Renewals, p.Options.MadeUp
	c.created = p.Created
	now, err := Make(ctx, review, c, nil)
	switch {
	case err != nil:
		return nil, err
	case now.RowsDigest != p.RowsDigest:
		return nil, &FactsChangedError{Changes: changes(p.Facts, now.Facts), Planned: p.Rows.Planned, Ready: now.Rows.Planned}
	case review.Ready != p.Rows.Planned: // the review looked at the clock a moment later
		return nil, p.tooClose(c.Now)
	case !p.shows(now):
		return nil, ErrPlanEdited
	}
	return review, nil
}

// shows tells whether the plan shows the figures of one that was made now of the same rows.
func (p *Plan) shows(now *Plan) bool {
	figures := func(p *Plan) ([]byte, error) {
		return json.Marshal(Plan{
			Strategies: p.Strategies, Totals: p.Totals, Days: p.Days, Recurring: p.Recurring, Assumptions: p.Assumptions, Unknown: p.Unknown,
		})
	}
	mine, err := figures(p)
	theirs, other := figures(now)
	return err == nil && other == nil && bytes.Equal(mine, theirs)
}

// File returns the plan's CSV file where it was when it was planned.
func (p *Plan) File() migrate.Input {
	in := migrate.FileInput(p.Input.Path)
	in.Name = p.Input.Name
	return in
}

// checkOffline checks what needs no account.
func (p *Plan) checkOffline(in migrate.Input, c Config) error {
	switch {
	case p.APIVersion != c.APIVersion:
		return &OtherAPIError{p.APIVersion, c.APIVersion}
	case p.Created.Sub(c.Now) > clockSkew:
		return &FutureError{p.Created, c.Now}
	case c.Now.Sub(p.Created) > MaxAge:
		return &TooOldError{p.Created, c.Now}
	case p.Rows.FirstStart.Before(c.Now.Add(p.lead())):
		return p.tooClose(c.Now)
	}
	sha, err := in.SHA256()
	if err == nil && sha != p.Input.SHA256 {
		err = &EditedError{in.Name, p.Input.SHA256, sha}
	}
	return err
}

func (p *Plan) tooClose(now time.Time) error {
	return &TooCloseError{First: p.Rows.FirstStart, Earliest: now.Add(p.lead())}
}

func (p *Plan) lead() time.Duration { return time.Duration(p.Options.LeadSeconds) * time.Second }

// checkAccount compares the account of a review; the zero Account is one that was not asked for.
func (p *Plan) checkAccount(a migrate.Account) error {
	switch {
	case a.ID == "":
		return nil
	case a.ID != p.Account.ID:
		return &OtherAccountError{p.Account, a}
	case a.Livemode != p.Account.Livemode:
		return &OtherModeError{p.Account, a}
	}
	return nil
}

// explain says why rows are invalid that were planned: it is another account, or objects have changed.
func (p *Plan) explain(err error) error {
	var invalid *migrate.InvalidFileError
	if !errors.As(err, &invalid) || invalid.AccountData == nil {
		return err
	}
	if other := p.checkAccount(invalid.Account); other != nil {
		return other
	}
	if changed := changes(p.Facts, describe(invalid.AccountData)); len(changed) > 0 {
		return &FactsChangedError{Changes: changed, Planned: p.Rows.Planned, Ready: int64(invalid.Report.Valid), Cause: err}
	}
	return err
}

// options returns the options under which a review finds exactly the planned rows ready.
//
// The margin of the plan was there to be used up until now. What replaces it is the smallest one that still holds
// back the rows that the plan held back, so that the time a run takes to begin does not hold back any other.
func (p *Plan) options(c Config) migrate.Options {
	o := migrate.Options{
		Unit: unit(p.Options.Unit), AllowColumns: p.Options.AllowColumns, Sheet: p.Options.Sheet, Lead: p.lead(),
		Direct: p.Options.Direct, SkipInvalid: p.Options.SkipInvalid, SkipScheduled: p.Options.SkipScheduled, Again: c.Again, Account: c.Account, CheckCustomers: p.Options.CheckCustomers,
	}
	if !p.Rows.LastDeferred.IsZero() {
		o.Margin = max(0, p.Rows.LastDeferred.Add(time.Second).Sub(c.Now)-o.Lead)
	}
	return o
}

func unit(name string) csvspec.Unit {
	for _, u := range []csvspec.Unit{csvspec.UnitMinor, csvspec.UnitMajor} {
		if u.String() == name {
			return u
		}
	}
	return csvspec.UnitUnstated
}

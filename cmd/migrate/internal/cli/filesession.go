package cli

import (
	"context"
	"errors"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/plan"
)

// fileSession is a session in which a file is reviewed (validate --online, plan, rehearse), or reviewed and migrated
// (run, resume).
type fileSession struct {
	*session
	input          migrate.Input
	options        migrate.Options
	runOptions     migrate.RunOptions
	provisions     bool             // the embedded sandbox is given what the file names and it lacks
	resumedAccount *migrate.Account // whose migration is resumed; nil for a run
	plan           *plan.Plan       // that is applied; nil for a run of a file
	planFile       string           // where it was read from
	sandboxData    string           // the account file of the embedded sandbox; "" is none
	rehearses      bool             // for migrate rehearse, in a sandbox of its own
	customerCheck  string           // of a rehearsal: --check-customers as it was given; "" when it was not
	preflight      []string         // the flags of that name, as they were given
	directCount    directCountFlag  // how many direct subscriptions are meant
}

// withFileSession does something with a file, or with a plan when there is one, while the ledger and the account are
// open.
func (a *app) withFileSession(ctx context.Context, path string, f runFlags, t target, planned *plan.Plan, do func(*fileSession) error) error {
	return a.withLedger(ctx, f.session.state, func(store ledger.Ledger, dir string) error {
		opener := openCommonSandbox
		switch {
		case planned != nil: // the sandbox that it was made for
			opener = accountSandbox(planned.Account.ID)
		case f.sandboxData != "":
			opener = accountFileSandbox(f.sandboxData)
		}
		s, err := a.openSession(f.session, t, store, dir, opener)
		if err != nil {
			return err
		}
		file := &fileSession{
			session: s, preflight: f.preflight.words(),
			directCount: f.limits.directCount,
			runOptions:  migrate.RunOptions{Canary: f.canary, StopAfterFailures: f.limits.stopAfterFailures},
		}
		lookUp, err := file.lookUpSource(f.preflight)
		if err != nil {
			return joined(err, s.close())
		}
		unlike, err := file.unlike(f.preflight)
		if err != nil {
			return joined(err, s.close())
		}
		if planned != nil {
			file.sandboxData = planned.Options.AccountFile
			file.input, file.plan, file.planFile, file.options = planned.File(), planned, path, migrate.Options{Again: f.scheduled.again, Account: f.preflight.account, SourceIDs: lookUp, Unlike: unlike}
			return joined(do(file), s.close())
		}
		file.input, file.sandboxData, file.provisions = migrate.FileInput(path), f.sandboxData, t.place == embedded && f.sandboxData == ""
		file.options = migrate.Options{
			Unit: f.file.unit, AllowColumns: f.file.allow, Sheet: f.file.sheet, Lead: t.lead, Margin: f.file.margin, SkipInvalid: f.skipInvalid, Direct: f.file.direct,
			CheckCustomers: f.customers.check(t), SkipScheduled: f.scheduled.skip, Again: f.scheduled.again, Account: f.preflight.account, SourceIDs: lookUp, Unlike: unlike,
		}
		return joined(do(file), s.close())
	})
}

// run reviews the file, asks, and creates what each row that is ready becomes.
func (w *fileSession) run(ctx context.Context) error {
	review, err := w.confirmedReview(ctx)
	if err != nil {
		return err
	}
	summary, failure := w.schedule(ctx, review)
	if summary == nil {
		return failure
	}
	// Rows that cannot be created yet are left to a resume as long as there can be one.
	far := review.Report.Invalid > 0 && summary.Status == string(ledger.StatusScheduled)
	if review.Report.Deferred > 0 || far {
		deferred, err := w.writeDeferred(context.WithoutCancel(ctx), summary.ID, review, far)
		failure = joined(failure, err)
		if deferred.rows > 0 {
			summary.Deferred, summary.DeferredFile = int64(deferred.rows), deferred.file
		}
	}
	return w.printOutcome(&outcome{Summary: summary, Ready: review.Ready, Invalid: review.Report.Invalid}, failure)
}

// schedule runs the reviewed file with progress on the screen. The first signal lets what is in flight finish.
func (w *fileSession) schedule(ctx context.Context, r *migrate.Review) (*migrate.Summary, error) {
	ctx, stop, release := w.stoppable(ctx)
	defer release()
	defer w.progress.start("Scheduling")()
	o := w.runOptions
	o.Stop = stop
	summary, err := w.migrator.Run(ctx, r, o)
	if as[*migrate.AlreadyScheduledError](err) {
		err = &withSuggestions{err, w.scheduledSuggestions()}
	}
	return summary, err
}

// confirmedReview shows the review of a file that may be run, asks, and returns it when the answer was yes.
func (w *fileSession) confirmedReview(ctx context.Context) (*migrate.Review, error) {
	ctx, release := w.abortable(ctx)
	defer release()
	review, err := w.validatedReview(ctx)
	if err != nil {
		return nil, err
	}
	selection, err := w.selectMigration(ctx, review)
	if err != nil {
		return nil, err
	}
	direct, err := w.showReview(ctx, review, selection)
	if err != nil {
		return nil, err
	}
	if err := w.confirmDirect(ctx, direct, w.directCount); err != nil {
		return nil, err
	}
	return review, w.confirm(ctx, review.Account.ID, "Start")
}

// validatedReview returns the review of a file without errors, or of one whose errors may be left out; otherwise it
// shows them. When a plan is applied, it is compared with what holds now.
func (w *fileSession) validatedReview(ctx context.Context) (review *migrate.Review, err error) {
	if w.provisions {
		if err := w.provision(ctx, w.input, w.options); err != nil {
			return nil, err
		}
	}
	if w.plan != nil {
		review, err = w.applyPlan(ctx)
	} else {
		review, err = w.migrator.Review(ctx, w.input, w.options)
	}
	if err == nil && hasErrors(review.Report) {
		err = &migrate.InvalidFileError{Report: review.Report, Findings: review.Findings}
	}
	var invalid *migrate.InvalidFileError
	if errors.As(err, &invalid) && !isStale(err) {
		return nil, w.refuseFile(invalid)
	}
	if err != nil {
		return nil, err
	}
	return review, nil
}

// applyPlan compares the plan with what holds now.
func (w *fileSession) applyPlan(ctx context.Context) (*migrate.Review, error) {
	w.say("%s made %s, digest %.12s", w.bold("Plan of "+w.plan.Input.Name), w.when(w.plan.Created), w.plan.Digest)
	review, err := w.plan.Apply(ctx, w.migrator, w.input, plan.Config{Now: w.clock.Now(), APIVersion: gateway.APIVersion, Again: w.options.Again, Account: w.options.Account})
	if isStale(err) {
		out := w.planFile
		if as[*plan.OtherAccountError](err) || as[*plan.OtherModeError](err) { // the plan of another migration is not replaced
			out = freePlanName(w.planFile, "")
		}
		err = &withSuggestions{err, []suggestion{{"make a new plan", w.fileCommand(w.planWords(out)...)}}}
	}
	if err != nil {
		return nil, err
	}
	w.options = review.Options
	return review, nil
}

// joined is errors.Join that leaves a single error as it is.
func joined(first, second error) error {
	if second == nil {
		return first
	}
	return errors.Join(first, second)
}

package cli

import (
	"context"
	"errors"
	"io"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/validate"
)

// onlineFlags are the flags of migrate validate --online: those of a run that say where the account is.
type onlineFlags struct {
	online  bool
	session sessionFlags
	data    string
	checks  customerFlag

	preflight preflightFlags
	given     func(flag string) bool
}

// infer takes an account file for a wish to look into it.
func (f *onlineFlags) infer() { f.online = f.online || f.data != "" }

// check refuses flags that say something about an account that is not asked.
func (f *onlineFlags) check() error {
	for _, flag := range []string{"live", "api-base", "log", "max-rate", "check-customers", "account", "source-api-base"} {
		if !f.online && f.given(flag) {
			return &usageError{"--" + flag + " goes with --online: without it no account is asked"}
		}
	}
	if err := f.preflight.check(); err != nil {
		return err
	}
	return f.session.check()
}

// run returns the flags of the run whose review finds what is to be shown. Rows with errors do not keep the account
// from being asked about the others.
func (f *onlineFlags) run(file fileFlags, a *app) runFlags {
	r := runFlags{session: f.session, file: file, sandboxData: f.data, skipInvalid: true, customers: f.checks, preflight: f.preflight}
	r.infer(a)
	return r
}

// lookUp reviews the file as plan and run do, and validates it with what that has found out. A file that is wrong as a
// whole is judged by itself: what it names may be misread.
func (v *validation) lookUp(ctx context.Context, path string) error {
	f := v.flags.online.run(v.flags.file, v.app)
	t, err := v.targetFor(path, f)
	if err != nil {
		return err
	}
	return v.withFileSession(ctx, path, f, t, nil, func(w *fileSession) error {
		v.session = w
		if w.provisions {
			if err := w.provision(ctx, w.input, w.options); err != nil {
				return err
			}
		}
		all := w.options
		all.SkipInvalid = true // rows with errors are shown, and end no review
		review, err := w.migrator.Review(ctx, w.input, all)
		if as[*migrate.InvalidFileError](err) {
			v.say("The account was not asked: the file as a whole must be mended first.")
			return nil
		}
		if err != nil {
			return err
		}
		review.Options.SkipInvalid = w.options.SkipInvalid
		v.review = review
		v.options.Now, v.options.Lead, v.options.Account, v.options.Sheet = review.Now, review.Options.Lead, review.AccountData, review.Options.Sheet
		v.say("Account: %s, %s%s.", review.Account.ID, w.target.words(), unchecked(review))
		_, err = w.selectMigration(ctx, review)
		var invalid *invalidFile
		if err != nil && !errors.As(err, &invalid) { // although no row is wrong
			v.refused = true
			v.say("Note: a run would be refused as things are: %s", withoutSuggestions(err))
		}
		return ctx.Err()
	})
}

// each hands every row to visit, with all that is known to be wrong with it.
func (v *validation) each(ctx context.Context, in io.Reader, visit func(*csvspec.Row, []validate.Finding) error) (*validate.Report, error) {
	if v.review == nil {
		return validate.Each(ctx, v.name, in, v.options, visit)
	}
	rejected := 0
	r, err := validate.Each(ctx, v.name, in, v.options, func(row *csvspec.Row, found []validate.Finding) error {
		more := v.review.Judge(row, found)
		if validate.Findings(more).HasErrors() {
			rejected++
		}
		return visit(row, append(found[:len(found):len(found)], more...))
	})
	if err == nil {
		r.Valid, r.Invalid = r.Valid-rejected, r.Invalid+rejected
	}
	return r, err
}

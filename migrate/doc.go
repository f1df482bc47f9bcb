// Package migrate creates a Stripe subscription schedule for each valid row of a file, exactly one, and can cancel them. Where
// Options.Direct asks for it, rows that a schedule does not express as exactly become subscriptions that exist at once; all
// that is said of schedules is kept for them.
//
//	review, err := migrator.Review(ctx, migrate.FileInput("subs.csv"), options) // what a run would do; creates nothing
//	summary, err := migrator.Run(ctx, review, migrate.RunOptions{})             // creates what is not there yet
//	canceled, err := migrator.Cancel(ctx, summary.ID, migrate.CancelOptions{})  // within Window
//	released, err := migrator.Release(ctx, summary.ID, migrate.ReleaseOptions{}) // once subscriptions are live
//
// New makes a Migrator of a Gateway (package gateway, or anything for tests) and a ledger. Each of the four calls may be
// interrupted, and goes on where it ended when it is made again. Status, List and Report need a ledger alone.
//
// The way of a row:
//
//	schedule.FromRow -> ledger: intent -> Stripe -> ledger: outcome -> Report
//
// Nothing is sent that the ledger does not know of, and nothing is sent twice without having looked whether the first
// attempt had an effect.
package migrate

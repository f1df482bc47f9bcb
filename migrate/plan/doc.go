// Package plan shows every charge of a file before anything is created, and applies exactly what was shown.
//
// Make reads a reviewed file and returns its plan: for each row the strategy, the first charge and the next renewals;
// over all rows what a reviewer signs. The plan is data (Write, Read): it pins the file's hash, the account and its
// mode, the API's version, how the file is read, the time, and a digest over every schedule and charge.
//
// Apply compares a plan with what holds now. It returns a review that (*migrate.Migrator).Run turns into exactly the
// schedules of the plan, or one of this package's errors, which says what no longer holds and what to do.
package plan

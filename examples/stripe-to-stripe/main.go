// Command stripe-to-stripe makes two accounts for a rehearsal of a move from one Stripe account to another, and checks
// afterwards who has charged for what:
//
//	go run ./examples/stripe-to-stripe make move            two account files and what comes with them
//	go run ./examples/stripe-to-stripe check move SOURCE DESTINATION   the addresses of two sandboxes
//	go run ./examples/stripe-to-stripe later 61             the time so many days from now, for --now
//
// The chapter "From one Stripe account to another" of the README uses it, and move.sh does the whole of it.
package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "stripe-to-stripe:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) >= 2 && len(args) <= 3 && args[0] == "make":
		n := len(profiles())
		if len(args) == 3 {
			var err error
			if n, err = strconv.Atoi(args[2]); err != nil || n < 1 {
				return fmt.Errorf("%q is no number of subscriptions", args[2])
			}
		}
		return write(args[1], makeAccounts(n, time.Now(), profiles()))
	case len(args) == 4 && args[0] == "check":
		return checkServed(context.Background(), args[1], args[2], args[3])
	case len(args) == 2 && args[0] == "later":
		days, err := strconv.Atoi(args[1])
		if err != nil {
			return fmt.Errorf("%q is no number of days", args[1])
		}
		fmt.Println(time.Now().UTC().AddDate(0, 0, days).Format(time.RFC3339))
		return nil
	}
	return errors.New("expected make DIR [SUBSCRIPTIONS], check DIR SOURCE DESTINATION, or later DAYS")
}

// write writes the accounts into a directory that does not exist yet.
func write(dir string, a accounts) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	for name, what := range map[string]any{"source.json": a.Source, "destination.json": a.Destination, "expected.json": a.Subscriptions} {
		text, err := json.MarshalIndent(what, "", " ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), append(text, '\n'), 0o644); err != nil {
			return err
		}
	}
	for name, rows := range map[string][][]string{"copy.csv": a.Copy, "decisions.csv": a.Decisions} {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		if err := errors.Join(csv.NewWriter(f).WriteAll(rows), f.Close()); err != nil {
			return err
		}
	}
	fmt.Printf("%s: source.json and destination.json with %d subscriptions, copy.csv, decisions.csv, expected.json\n", dir, len(a.Subscriptions))
	return nil
}

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// charge is a line of an invoice that charges for a time.
type charge struct {
	by           side
	start, end   int64
	subscription string // of the source account
	invoice      string
}

// asker asks one of the accounts.
type asker func(ctx context.Context, path string, query url.Values) ([]byte, error)

// charges returns what an account has charged for licensed items, by the subscription of the source account. names
// translates the account's own subscriptions.
func charges(ctx context.Context, by side, ask asker) (all []charge, err error) {
	names := map[string]string{}
	err = each(ctx, ask, "/v1/subscriptions", url.Values{"status": {"all"}}, func(raw json.RawMessage) error {
		var s struct {
			ID       string            `json:"id"`
			Metadata map[string]string `json:"metadata"`
		}
		err := json.Unmarshal(raw, &s)
		names[s.ID] = cmp.Or(s.Metadata["old_Stripe_sub_id"], s.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, ask, "/v1/invoices", nil, func(raw json.RawMessage) error {
		var in struct {
			ID           string `json:"id"`
			Status       string `json:"status"`
			Advances     bool   `json:"auto_advance"`
			Subscription string `json:"subscription"`
			Lines        struct {
				Data []struct {
					Amount int64 `json:"amount"`
					Period struct{ Start, End int64 }
					Price  *struct {
						Recurring *struct {
							Usage string `json:"usage_type"`
						} `json:"recurring"`
					} `json:"price"`
				} `json:"data"`
				More bool `json:"has_more"`
			} `json:"lines"`
		}
		if err := json.Unmarshal(raw, &in); err != nil {
			return err
		}
		if in.Status == "void" || in.Status == "draft" && !in.Advances { // nobody is charged
			return nil
		}
		seen := map[[2]int64]bool{}
		for _, l := range in.Lines.Data {
			free := l.Amount == 0 && (l.Price == nil || l.Price.Recurring == nil || l.Price.Recurring.Usage != "metered")
			if at := [2]int64{l.Period.Start, l.Period.End}; !free && !seen[at] && l.Period.End > l.Period.Start { // items of one subscription share a period
				seen[at] = true
				all = append(all, charge{by, l.Period.Start, l.Period.End, names[in.Subscription], in.ID})
			}
		}
		return nil
	})
	return all, err
}

// each visits a list.
func each(ctx context.Context, ask asker, path string, query url.Values, visit func(json.RawMessage) error) error {
	q := url.Values{"limit": {"100"}}
	for k, v := range query {
		q[k] = v
	}
	for {
		raw, err := ask(ctx, path, q)
		if err != nil {
			return err
		}
		var page struct {
			Data []json.RawMessage `json:"data"`
			More bool              `json:"has_more"`
		}
		if err := json.Unmarshal(raw, &page); err != nil {
			return err
		}
		for _, one := range page.Data {
			var head struct{ ID string }
			if err := errors.Join(json.Unmarshal(one, &head), visit(one)); err != nil {
				return err
			}
			q.Set("starting_after", head.ID)
		}
		if !page.More || len(page.Data) == 0 {
			return nil
		}
	}
}

// check compares what both accounts have charged until a time with what had to be: each period of each subscription once,
// by the right side, without a gap between them.
func check(subs []subscription, all []charge, until int64) error {
	by := map[string][]charge{}
	for _, c := range all {
		by[c.subscription] = append(by[c.subscription], c)
	}
	var wrong []string
	for _, s := range subs {
		mine := by[s.ID]
		slices.SortFunc(mine, func(a, b charge) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end)) })
		delete(by, s.ID)
		if problem := s.wrong(mine, until); problem != "" {
			wrong = append(wrong, fmt.Sprintf("%s of %s (%s, by %s): %s", s.ID, s.Customer, s.State, s.Kept, problem))
		}
	}
	for id, rest := range by {
		wrong = append(wrong, fmt.Sprintf("%q has %d charges and is none of the source account's", id, len(rest)))
	}
	slices.Sort(wrong)
	if n := len(wrong); n > 0 {
		return fmt.Errorf("%d of %d subscriptions are not charged as they should be:\n  %s", n, len(subs), strings.Join(wrong[:min(n, 20)], "\n  "))
	}
	return nil
}

// wrong says what is wrong with the charges of a subscription, which are in the order of time.
func (s subscription) wrong(all []charge, until int64) string {
	if s.Kept == nobody {
		if len(all) > 0 {
			return fmt.Sprintf("%s charges %s, and nobody should", all[0].by, period(all[0]))
		}
		return ""
	}
	at, n := s.End, 0
	for _, c := range all {
		switch {
		case c.end <= s.End: // usage of the period that was paid before
			continue
		case c.by != s.Kept:
			return fmt.Sprintf("%s charges %s", c.by, period(c))
		case c.start < at:
			return fmt.Sprintf("%s is charged twice: until %s already", period(c), moment(at))
		case c.start > at:
			return fmt.Sprintf("nobody charges from %s to %s", moment(at), moment(c.start))
		}
		at, n = c.end, n+1
	}
	switch {
	case s.Periods > 0 && n > s.Periods:
		return fmt.Sprintf("%d periods are charged, and it should end after %d", n, s.Periods)
	case s.Periods > 0 && n == s.Periods:
	case s.State == "metered" && time.Unix(at, 0).AddDate(0, 1, 0).Unix() > until: // charged at its end
	case at <= until:
		return fmt.Sprintf("nobody charges from %s on", moment(at))
	}
	return ""
}

func period(c charge) string {
	return moment(c.start) + " to " + moment(c.end) + " (" + c.invoice + ")"
}

func moment(at int64) string { return time.Unix(at, 0).UTC().Format("2 Jan 2006 15:04") }

// checkServed checks two sandboxes that are served. Their clock is that of their newest invoice.
func checkServed(ctx context.Context, dir, from, to string) error {
	text, err := os.ReadFile(filepath.Join(dir, "expected.json"))
	if err != nil {
		return err
	}
	var subs []subscription
	if err := json.Unmarshal(text, &subs); err != nil {
		return err
	}
	var all []charge
	for by, base := range map[side]string{source: from, destination: to} {
		some, err := charges(ctx, by, func(ctx context.Context, path string, query url.Values) ([]byte, error) {
			return get(ctx, base+path+"?"+query.Encode())
		})
		if err != nil {
			return fmt.Errorf("%s (%s): %w", base, by, err)
		}
		all = append(all, some...)
	}
	until := int64(0)
	for _, c := range all {
		until = max(until, c.start)
	}
	if err := check(subs, all, until); err != nil {
		return err
	}
	fmt.Printf("%d subscriptions, %d charges until %s: each period once, by the right side, without a gap\n", len(subs), len(all), moment(until))
	return nil
}

func get(ctx context.Context, address string) (body []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer sk_test_check")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var raw json.RawMessage
	if err := json.NewDecoder(answer.Body).Decode(&raw); err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", answer.Status, raw)
	}
	return raw, nil
}

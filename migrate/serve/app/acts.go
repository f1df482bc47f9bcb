package app

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/subferry/subferry/migrate/serve/access"
	"github.com/subferry/subferry/migrate/serve/jobs"
	"github.com/subferry/subferry/migrate/serve/store"
)

// mostListed is how many migrations a list has: the view is a drawer of the Dashboard.
const mostListed = 50

// Move is a migration as the view shows it.
type Move struct {
	ID         string      `json:"id"`
	File       string      `json:"file"`
	SHA256     string      `json:"sha256"` // what the view signs with everything that it asks about the migration
	State      store.State `json:"state"`
	Error      string      `json:"error,omitempty"`     // why the last step ended early
	Migration  string      `json:"migration,omitempty"` // what the program's commands take
	CreatedAt  time.Time   `json:"created_at"`
	Cancelable bool        `json:"cancelable"` // by its state and the person's role; the deadline is asked for apart
}

func moveOf(m store.Move, p access.Person) Move {
	return Move{ID: m.ID, File: m.File, SHA256: m.Upload, State: m.State, Error: m.Error, Migration: m.Migration, CreatedAt: m.CreatedAt.Time(),
		Cancelable: cancelable(m) && p.May(access.Operator)}
}

// cancelable tells whether there can be something to cancel.
func cancelable(m store.Move) bool { return slices.Contains(store.Cancelable(), m.State) }

// List is the answer to list.
type List struct {
	Moves  []Move `json:"moves"` // the newest first
	Role   string `json:"role"`
	Linked bool   `json:"linked"` // false: the person is known as a user of the Dashboard only
	Person string `json:"person"`
}

func (h *handler) list(ctx context.Context, a asked) (any, error) {
	answer := List{Moves: []Move{}, Role: a.person.Role.String(), Linked: a.linked, Person: a.person.Name}
	for f := (store.MoveFilter{Account: a.Account, Limit: mostListed}); len(answer.Moves) < mostListed; {
		found, err := h.Store.Moves(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			if f.Before = m.ID; m.Livemode == a.Livemode && len(answer.Moves) < mostListed {
				answer.Moves = append(answer.Moves, moveOf(m, a.person))
			}
		}
		if len(found) < mostListed {
			break
		}
	}
	return answer, nil
}

// move returns the migration that was signed. One of another account, or of the other mode, is none at all to who asks.
func (h *handler) move(ctx context.Context, a asked) (store.Move, error) {
	m, err := h.Store.Move(ctx, a.Move)
	if err != nil {
		return store.Move{}, err
	}
	if m.Account != a.Account || m.Livemode != a.Livemode {
		return store.Move{}, store.ErrNotFound
	}
	if m.Upload != a.SHA256 {
		return store.Move{}, refuse(http.StatusConflict, "file_changed", "the migration has another file than the one that was shown", "reload the list")
	}
	return m, nil
}

// Findings is the answer to findings.
type Findings struct {
	Move     Move             `json:"move"`
	Reviewed bool             `json:"reviewed"` // false: the file is being read, or could not be
	Rows     int64            `json:"rows"`
	Ready    int64            `json:"ready"`
	Deferred int64            `json:"deferred"`
	Invalid  int64            `json:"invalid"`
	Errors   int64            `json:"errors"` // findings, not rows
	Warnings int64            `json:"warnings"`
	Codes    []jobs.CodeCount `json:"codes"`
	Findings json.RawMessage  `json:"findings"`          // the first ones, errors first, as the program writes them
	Refused  string           `json:"refused,omitempty"` // why a start would be refused
}

func (h *handler) findings(ctx context.Context, a asked) (any, error) {
	m, err := h.move(ctx, a)
	if err != nil {
		return nil, err
	}
	answer := Findings{Move: moveOf(m, a.person), Codes: []jobs.CodeCount{}, Findings: json.RawMessage("[]")}
	if len(m.Review) == 0 {
		return answer, nil
	}
	var review jobs.Review
	if err := json.Unmarshal(m.Review, &review); err != nil {
		return nil, err
	}
	answer.Reviewed, answer.Refused = true, review.Refused
	answer.Rows, answer.Ready, answer.Deferred, answer.Invalid = review.Rows, review.Ready, review.Deferred, review.Invalid
	answer.Errors, answer.Warnings, answer.Codes = review.Errors, review.Warnings, append(answer.Codes, review.Codes...)
	if len(review.Findings) > 0 {
		answer.Findings, err = json.Marshal(review.Findings)
	}
	return answer, err
}

func (h *handler) progress(ctx context.Context, a asked) (any, error) {
	m, err := h.move(ctx, a)
	if err != nil {
		return nil, err
	}
	p, err := h.Progress(ctx, m)
	return struct {
		Move Move `json:"move"`
		jobs.Progress
	}{moveOf(m, a.person), p}, err
}

// Deadline is the answer to deadline.
type Deadline struct {
	Move     Move       `json:"move"`
	Deadline *time.Time `json:"deadline"` // absent while it is not decided
	Seconds  int64      `json:"seconds"`  // that are left of it, by the service's clock; 0 when it has passed, or is not decided
	Open     bool       `json:"open"`     // the whole migration can still be canceled
}

func (h *handler) deadline(ctx context.Context, a asked) (any, error) {
	m, err := h.move(ctx, a)
	if err != nil {
		return nil, err
	}
	p, err := h.Progress(ctx, m)
	if err != nil {
		return nil, err
	}
	answer := Deadline{Move: moveOf(m, a.person), Open: cancelable(m)}
	if !p.Deadline.IsZero() {
		left := p.Deadline.Sub(h.Clock.Now())
		answer.Deadline, answer.Seconds, answer.Open = &p.Deadline, max(0, int64(left/time.Second)), answer.Open && left > 0
	}
	return answer, nil
}

func (h *handler) cancel(ctx context.Context, a asked) (any, error) {
	m, err := h.move(ctx, a) // first: who may not see it is not told that he may not cancel it
	if err != nil {
		return nil, err
	}
	if !a.person.May(access.Operator) {
		return nil, refuse(http.StatusForbidden, "role", "you may look at this migration, and not cancel it: that needs the role of an operator",
			"connect the account in the app as somebody who has the role, or ask a colleague")
	}
	if !cancelable(m) {
		return nil, refuse(http.StatusConflict, "state", "there is nothing to cancel: the migration is "+string(m.State), "reload the list")
	}
	m, err = h.Cancel(ctx, m, a.person, map[string]any{"stripe_user": a.User, "by": "stripe app"})
	if err != nil {
		return nil, err
	}
	h.Log.InfoContext(ctx, "canceled in the Dashboard", "move", m.ID, "migration", m.Migration, "person", a.person.ID, "stripe_user", a.User)
	return moveOf(m, a.person), nil
}

// link makes a user of the Dashboard the person who has signed in here, by the token that the OAuth provider has given.
func (h *handler) link(ctx context.Context, a asked) (any, error) {
	if h.Provider == nil {
		return nil, refuse(http.StatusNotFound, "no_linking", "this service connects no accounts", "ask its operator")
	}
	token, ok := strings.CutPrefix(a.request.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return nil, refuse(http.StatusUnauthorized, "token_missing", "the request has no token", "connect the account again")
	}
	grant, err := h.Provider.Take(ctx, token)
	if errors.Is(err, store.ErrNotFound) || err == nil && (grant.Account != a.Account || grant.Livemode != a.Livemode) {
		return nil, refuse(http.StatusForbidden, "token_invalid", "the token was used before, has expired, or is for another account",
			"connect again, and choose at Stripe the account in which the app is open")
	}
	if err != nil {
		return nil, err
	}
	entry, err := store.NewEntry(grant.Person, "link stripe user", map[string]string{"stripe_user": a.User, "account": a.Account, "role": grant.Role.String()})
	if err != nil {
		return nil, err
	}
	ctx = store.WithAudit(ctx, entry)
	user := store.AppUser{Account: a.Account, StripeUser: a.User, Person: grant.Person, Role: grant.Role.String()}
	if err := h.Store.LinkAppUser(ctx, user, h.Clock.Now().Add(linkLife)); err != nil {
		return nil, err
	}
	return List{Moves: []Move{}, Role: user.Role, Linked: true, Person: user.Person}, nil
}

package serve

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/plan"
	"github.com/subferry/subferry/migrate/serve/access"
	"github.com/subferry/subferry/migrate/serve/health"
	"github.com/subferry/subferry/migrate/serve/jobs"
	"github.com/subferry/subferry/migrate/serve/store"
)

// step is what a person does with a migration: it changes the state, and jobs do the rest.
type step struct {
	name   string // of the path, and in the audit log
	role   access.Role
	from   []store.State
	fields []string                          // of its form, beside the version
	take   func(s *Server, a *attempt) error // changes a.move, or returns why not
}

// attempt is one attempt at a step.
type attempt struct {
	move   *store.Move
	form   typed
	person access.Person
	roles  bool
	review *jobs.Review // nil before the first one
	detail map[string]any
	status *migrate.Summary // what the ledger has; nil before the first start
	now    time.Time
}

// steps returns all of them. Which are possible, and for whom, stands here and nowhere else.
func steps() []step {
	return []step{
		{"options", access.Operator, []store.State{store.Invalid, store.Failed, store.Reviewed}, optionFields(), (*Server).takeOptions},
		{"start", access.Operator, []store.State{store.Reviewed}, []string{"account", "canary", "canary_rows", "direct_count"}, (*Server).takeStart},
		{"approve", access.Approver, []store.State{store.AwaitingApproval}, nil, (*Server).takeApprove},
		{"withdraw", access.Operator, []store.State{store.AwaitingApproval}, nil, func(_ *Server, a *attempt) error {
			a.move.State, a.move.StartedBy = store.Reviewed, ""
			return nil
		}},
		{"pause", access.Operator, []store.State{store.Running}, nil, func(_ *Server, a *attempt) error {
			a.move.State, a.move.Stop = store.Paused, true
			return nil
		}},
		{"continue", access.Operator, []store.State{store.CanaryDone, store.Paused, store.Scheduled}, nil, (*Server).takeContinue},
		{"cancel", access.Operator, store.Cancelable(), []string{"sure"}, (*Server).takeCancel},
		{"again", access.Operator, []store.State{store.Invalid, store.Failed, store.Reviewed, store.Canceling}, nil, func(_ *Server, a *attempt) error {
			if a.move.State == store.Canceling {
				if a.move.Error == "" {
					return refused("at_work", "It is being canceled already.", "Wait until that has ended.")
				}
			} else {
				a.move.State = store.Reviewing
			}
			a.move.Error = ""
			return nil
		}},
	}
}

// actions returns the steps that the person may take now, as far as the move tells.
func (p permission) actions(m store.Move) []string {
	names := []string{}
	for _, step := range steps() {
		if p.person.May(step.role) && slices.Contains(step.from, m.State) && p.possible(step.name, m) {
			names = append(names, step.name)
		}
	}
	return names
}

// impossible tells of a step that the ledger rules out, which the move does not know of.
func impossible(name string, state store.State, status *migrate.Summary, now time.Time) bool {
	switch name {
	case "cancel":
		return windowClosed(status, now)
	case "continue":
		return state == store.Scheduled && nothingLeft(status)
	}
	return false
}

// windowClosed tells whether the deadline of a migration has passed.
func windowClosed(status *migrate.Summary, now time.Time) bool {
	return status != nil && status.CancelBefore != nil && now.After(*status.CancelBefore)
}

// nothingLeft tells whether no row was refused that could be tried again.
func nothingLeft(status *migrate.Summary) bool { return status == nil || status.Failed == 0 }

func (p permission) possible(name string, m store.Move) bool {
	switch name {
	case "approve":
		return p.person.ID != m.CreatedBy && p.person.ID != m.StartedBy
	case "again":
		return m.State != store.Canceling || m.Error != ""
	}
	return true
}

// acted is a request that changes something. Whatever comes of it stands in the audit log.
func (s *Server) acted(action string, role access.Role, do handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = named(r)
		err := s.need(r, role)
		if err == nil {
			err = do(w, r)
		}
		status := statusOf(w)
		if err != nil {
			status = s.explain(r, err).status
		}
		if status >= http.StatusBadRequest { // what was done is recorded together with it
			detail, _ := json.Marshal(map[string]any{"path": r.URL.Path, "status": status}) // two values that JSON has
			if e := s.Store.Audit(r.Context(), store.Entry{Actor: access.From(r.Context()).ID, Action: action + " refused", Move: s.knownMove(r), Detail: detail}); e != nil && err == nil {
				err = e
			}
		}
		if err != nil {
			s.fail(w, r, err)
		}
	})
}

// knownMove returns the migration of a path, "" when there is none of that name.
func (s *Server) knownMove(r *http.Request) string {
	m, err := s.Store.Move(r.Context(), r.PathValue("id"))
	if err != nil {
		return ""
	}
	return m.ID
}

// statusOf returns the status that was written already, 0 when none was.
func statusOf(w http.ResponseWriter) int {
	for {
		if r, ok := w.(*health.Recorder); ok {
			return r.Status
		}
		inner, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return 0
		}
		w = inner.Unwrap()
	}
}

// step returns the handler of a step.
func (s *Server) step(taken step) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		form, err := s.readForm(w, r, append([]string{"version"}, taken.fields...))
		if err != nil {
			return err
		}
		was, err := s.Store.Move(r.Context(), r.PathValue("id"))
		if err != nil {
			return err
		}
		m, err := s.takeStep(r.Context(), taken, was, form, map[string]any{})
		if err == nil {
			s.wake(r.Context(), m.ID)
			return s.done(w, r, m)
		}
		f := s.explain(r, err)
		if wantsJSON(r) || f.status != http.StatusUnprocessableEntity {
			return f
		}
		// The page is shown again, with what was typed and what is wrong with it.
		detail, err := s.detail(r, was)
		if err != nil {
			return err
		}
		detail.Problem, detail.Typed = &Fault{Code: f.code, Message: s.text(r, f.message, f.args...), Fix: s.text(r, f.fix)}, form
		frame := s.moveFrame(r, was)
		frame.Reload = 0
		s.render(w, r, f.status, "move", frame, detail)
		return nil
	}
}

// takeStep changes the move, and records who did, in one transaction. The step adds to the detail of the record.
func (s *Server) takeStep(ctx context.Context, taken step, was store.Move, form typed, detail map[string]any) (store.Move, error) {
	a := &attempt{form: form, person: access.From(ctx), roles: s.door.Roles(), detail: detail, now: s.Clock.Now()}
	if was.Migration != "" {
		var err error
		if a.status, err = migrate.Status(ctx, s.Ledger, was.Migration, a.now); err != nil {
			return was, err
		}
	}
	change := func(m *store.Move) error {
		if !slices.Contains(taken.from, m.State) {
			return refused("state", "This is not possible any more: the migration is %s now.", "Look at it again.", string(m.State))
		}
		if seen := form.Get("version"); seen != "" && seen != strconv.FormatInt(m.Version, 10) {
			return refused("changed", "The migration has changed since this page was made, and nothing was done.", "Look at it again, and decide then.")
		}
		if len(m.Review) > 0 {
			a.review = &jobs.Review{}
			if err := json.Unmarshal(m.Review, a.review); err != nil {
				return err
			}
		}
		a.move = m
		return taken.take(s, a)
	}
	// A step is decided before anything is written, so that its detail is known when the entry is: what is started is what the
	// entry says, also when the file is reviewed anew at the same moment.
	trial := was
	if err := change(&trial); err != nil {
		return was, err
	}
	if taken.name == "start" || taken.name == "approve" {
		form = maps.Clone(form)
		url.Values(form).Set("version", strconv.FormatInt(was.Version, 10))
	}
	entry, err := store.NewEntry(a.person.ID, taken.name, a.detail)
	if err != nil {
		return was, err
	}
	return s.Store.UpdateMove(store.WithAudit(ctx, entry), was.ID, change)
}

// done answers after a step.
func (s *Server) done(w http.ResponseWriter, r *http.Request, m store.Move) error {
	if !wantsJSON(r) {
		http.Redirect(w, r, "/moves/"+m.ID, http.StatusSeeOther)
		return nil
	}
	detail, err := s.detail(r, m)
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, detail)
	return nil
}

// takeOptions has the file read in another way.
func (s *Server) takeOptions(a *attempt) error {
	o, err := optionsIn(a.form, Account{})
	if err != nil {
		return err
	}
	o.Lead, o.Margin = a.move.Options.Lead, a.move.Options.Margin
	a.move.Options, a.move.State, a.move.Error = o, store.Reviewing, ""
	a.detail["options"] = optionsOf(o)
	return nil
}

// takeStart starts what was reviewed, or asks a second person to approve it.
func (s *Server) takeStart(a *attempt) error {
	switch {
	case a.review == nil:
		return refused("no_review", "The file was not checked yet.", "Check it again.")
	case a.review.Refused != "":
		return refused(a.review.RefusedCode, "This file cannot be started as it is: %s", "Change how the file is read, or upload a mended one.", a.review.Refused)
	case a.now.Sub(a.review.At) > plan.MaxAge:
		return refused("review_too_old", "The file was checked more than a day ago: the account may have changed since.", "Check it again, and look at the figures once more.")
	case strings.TrimSpace(a.form.Get("account")) != a.move.Account:
		return wrongField("account", "This is not the ID of the account that the file goes to, which is %s.", "Type the ID of the account: that shows that the right one is meant.", a.move.Account)
	}
	canary := int64(0)
	// A program that says how many, and not whether, means so many: never more than that.
	if a.form.Marked("canary") || a.form["canary"] == nil && a.form.Get("canary_rows") != "" {
		n, err := strconv.ParseInt(strings.TrimSpace(a.form.Get("canary_rows")), 10, 64)
		if err != nil || n < 1 {
			return wrongField("canary", "The number of rows to begin with must be a whole number above 0.", "Write 3, for example, or take the mark away to create all rows.")
		}
		canary = min(n, a.review.Ready)
		if canary == a.review.Ready {
			canary = 0 // that is all
		}
	}
	if a.review.Direct > 0 && strings.TrimSpace(a.form.Get("direct_count")) != strconv.FormatInt(a.review.Direct, 10) {
		return wrongField("direct_count", "This is not how many subscriptions exist at once, which is %d.", "Type the number: these customers see their subscription before it starts.", a.review.Direct)
	}
	a.move.StartedBy, a.move.ApprovedBy = a.person.ID, ""
	if a.roles {
		a.move.State, a.move.Canary, a.move.Error = store.AwaitingApproval, canary, ""
	} else {
		a.move.Begin(canary)
	}
	a.detail["canary"], a.detail["plan"] = canary, a.review.PlanDigest
	return nil
}

// takeApprove lets a second person agree.
func (s *Server) takeApprove(a *attempt) error {
	if a.person.ID == a.move.CreatedBy || a.person.ID == a.move.StartedBy {
		return &fault{status: http.StatusForbidden, code: "own_work", message: "You have uploaded or started this yourself, and nothing was done.",
			fix: "Somebody else has to approve it."}
	}
	if a.review != nil && a.now.Sub(a.review.At) > plan.MaxAge {
		return refused("review_too_old", "The file was checked more than a day ago: the account may have changed since.", "Withdraw it, and check the file again.")
	}
	a.move.ApprovedBy = a.person.ID
	a.move.Begin(a.move.Canary)
	if a.review != nil {
		a.detail["plan"] = a.review.PlanDigest
	}
	return nil
}

// takeContinue goes on after the first rows, after a pause, or with rows that Stripe has refused.
func (s *Server) takeContinue(a *attempt) error {
	canary := int64(0)
	switch a.move.State {
	case store.Paused:
		canary = a.move.Canary // the first rows, when those were stopped
	case store.Scheduled:
		if nothingLeft(a.status) {
			return refused("nothing_left", "There is nothing left to do.", "All rows were dealt with.")
		}
	}
	a.move.Begin(canary)
	return nil
}

// takeCancel undoes what was created.
func (s *Server) takeCancel(a *attempt) error {
	if !a.form.Marked("sure") {
		return wrongField("sure", "It was not confirmed that everything is to be undone.", "Set the mark, and send it again.")
	}
	if windowClosed(a.status, a.now) {
		return refused("window_closed", "The time in which everything could be undone at once has ended.", "Subscriptions are canceled one by one now: migrate cancel --individually.")
	}
	a.move.State, a.move.Stop, a.move.CanceledBy, a.move.Error = store.Canceling, true, a.person.ID, ""
	return nil
}

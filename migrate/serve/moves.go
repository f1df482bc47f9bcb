package serve

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/serve/access"
	"github.com/subferry/subferry/migrate/serve/jobs"
	"github.com/subferry/subferry/migrate/serve/page"
	"github.com/subferry/subferry/migrate/serve/store"
)

// perPage is how many lines a page of a list has.
const perPage = 50

// moveList is a page of all migrations.
type moveList struct {
	Moves   []Move `json:"moves"`
	Next    string `json:"next,omitempty"` // for ?before=, when there are more
	Account string `json:"account,omitempty"`
}

// listMoves lists the migrations, the newest first.
func (s *Server) listMoves(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	found, err := s.Store.Moves(ctx, store.MoveFilter{Account: q.Get("account"), Before: q.Get("before"), Limit: perPage + 1})
	if err != nil {
		return err
	}
	known, err := s.Store.People(ctx)
	if err != nil {
		return err
	}
	boxes, err := s.sandboxes(r)
	if err != nil {
		return err
	}
	list := moveList{Moves: []Move{}, Account: q.Get("account")}
	for i, m := range found {
		if i == perPage {
			list.Next = found[i-1].ID
			break
		}
		list.Moves = append(list.Moves, s.moveOf(m, known, boxes[m.Account], s.permission(r)))
	}
	return s.answer(w, r, "moves", page.Frame{Title: s.text(r, "Migrations"), Section: "moves"}, list)
}

// sandboxes tells which accounts are embedded sandboxes.
func (s *Server) sandboxes(r *http.Request) (map[string]bool, error) {
	all, err := s.Accounts.List(r.Context())
	boxes := map[string]bool{}
	for _, a := range all {
		boxes[a.ID] = a.Sandbox
	}
	return boxes, err
}

// showMove shows a migration as it stands.
func (s *Server) showMove(w http.ResponseWriter, r *http.Request) error {
	m, err := s.Store.Move(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	detail, err := s.detail(r, m)
	if err != nil {
		return err
	}
	f := s.moveFrame(r, m)
	if detail.AtWork() {
		f.Reload = 5
	}
	return s.answer(w, r, "move", f, detail)
}

// moveFrame is the frame of a page about a migration. What jobs are at is read again from time to time.
func (s *Server) moveFrame(r *http.Request, m store.Move) page.Frame {
	f := page.Frame{Title: m.File, Section: "moves", Livemode: m.Livemode}
	switch m.State {
	case store.Reviewing, store.Running, store.Canceling:
		f.Reload = 5
	}
	return f
}

// detail gathers all that is known of a migration.
func (s *Server) detail(r *http.Request, m store.Move) (d MoveDetail, err error) {
	ctx := r.Context()
	known, err := s.Store.People(ctx)
	if err != nil {
		return d, err
	}
	boxes, err := s.sandboxes(r)
	if err != nil {
		return d, err
	}
	d = MoveDetail{Move: s.moveOf(m, known, boxes[m.Account], s.permission(r)), Acts: []Act{}, Files: []File{}, History: []Entry{}, Approves: s.door.Roles(), Kinds: actKinds()}
	if len(m.Review) > 0 {
		d.Review = &jobs.Review{}
		if err := json.Unmarshal(m.Review, d.Review); err != nil {
			return d, err
		}
		d.Totals = totalsOf(d.Review)
	}
	if m.Migration != "" {
		now := s.Clock.Now()
		if d.Summary, err = migrate.Status(ctx, s.Ledger, m.Migration, now); err != nil {
			return d, err
		}
		if until := d.Summary.CancelBefore; until != nil {
			d.Left = int64(until.Sub(now).Seconds())
		}
		d.Actions = slices.DeleteFunc(d.Actions, func(name string) bool { return impossible(name, m.State, d.Summary, now) })
	}
	acts, err := s.Store.Acts(ctx, m.ID)
	if err != nil {
		return d, err
	}
	for _, a := range acts {
		d.Acts = append(d.Acts, actOf(a, known))
	}
	files, err := s.Store.Artifacts(ctx, m.ID)
	if err != nil {
		return d, err
	}
	for _, f := range files {
		d.Files = append(d.Files, fileOf(f))
	}
	history, err := s.Store.AuditLog(ctx, store.AuditFilter{Move: m.ID, Limit: perPage})
	if err != nil {
		return d, err
	}
	for _, e := range history {
		d.History = append(d.History, entryOf(e, known))
	}
	d.Steps = s.stepsOf(m)
	if m.State == store.Running || m.State == store.Canceling || m.State == store.Reviewing {
		d.Progress, err = s.progress(r, m)
	}
	return d, err
}

// auditList is a page of the audit log.
type auditList struct {
	Entries []Entry `json:"entries"`
	Next    int64   `json:"next,omitempty"` // for ?before=, when there are more
}

// listAudit shows who did what.
func (s *Server) listAudit(w http.ResponseWriter, r *http.Request) error {
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64) // what is no number begins with the newest
	found, err := s.Store.AuditLog(r.Context(), store.AuditFilter{Move: r.URL.Query().Get("move"), Before: before, Limit: perPage + 1})
	if err != nil {
		return err
	}
	known, err := s.Store.People(r.Context())
	if err != nil {
		return err
	}
	list := auditList{Entries: []Entry{}}
	for i, e := range found {
		if i == perPage {
			list.Next = found[i-1].Number
			break
		}
		list.Entries = append(list.Entries, entryOf(e, known))
	}
	return s.answer(w, r, "audit", page.Frame{Title: s.text(r, "Audit log"), Section: "audit"}, list)
}

// listAccounts shows which accounts files may go to.
func (s *Server) listAccounts(w http.ResponseWriter, r *http.Request) error {
	all, err := s.Accounts.List(r.Context())
	if err != nil {
		return err
	}
	if all == nil {
		all = []Account{}
	}
	return s.answer(w, r, "accounts", page.Frame{Title: s.text(r, "Accounts"), Section: "accounts"}, map[string][]Account{"accounts": all})
}

// sendFile sends a file that a job has made. It is never shown as a page of this site.
func (s *Server) sendFile(w http.ResponseWriter, r *http.Request) error {
	a, content, err := s.Store.OpenArtifact(r.Context(), r.PathValue("id"), r.PathValue("name"))
	if err != nil {
		return err
	}
	defer content.Close()
	h := w.Header()
	h.Set("Content-Type", a.MediaType)
	h.Set("Content-Disposition", "attachment; filename="+strconv.Quote(a.Name))
	h.Set("Content-Security-Policy", "sandbox; "+policy)
	if a.MediaType == "" {
		h.Set("Content-Type", "application/octet-stream")
	}
	h.Set("Content-Length", strconv.FormatInt(a.Size, 10))
	_, err = io.Copy(&patiently{w, http.NewResponseController(w), s.Machine}, content)
	if err != nil {
		s.Log.WarnContext(r.Context(), "a download has ended early", "file", a.Name, "error", err)
	}
	return nil
}

// permission is what the person who asks may do.
type permission struct {
	person access.Person
	roles  bool // there are roles: a second person has to approve
}

func (s *Server) permission(r *http.Request) permission {
	return permission{access.From(r.Context()), s.door.Roles()}
}

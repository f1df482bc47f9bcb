package serve

import (
	"context"
	"net/http"
	"slices"

	"github.com/subferry/subferry/migrate/serve/access"
	"github.com/subferry/subferry/migrate/serve/store"
)

// actKinds are what can be asked for without changing anything.
func actKinds() []string { return []string{"verify", "who_bills", "monitor", "report"} }

// act queues something that only reads. What comes of it is a file.
func (s *Server) act(w http.ResponseWriter, r *http.Request) error {
	kind := r.PathValue("kind")
	if !slices.Contains(actKinds(), kind) {
		return notFound("There is no such page.")
	}
	if _, err := s.readForm(w, r, nil); err != nil {
		return err
	}
	m, err := s.Store.Move(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if m.Migration == "" {
		return refused("not_started", "Nothing was created yet, so that there is nothing to look at.", "Start the migration first.")
	}
	person := access.From(r.Context())
	if _, err := s.Engine.Act(r.Context(), m.ID, kind, person.ID); err != nil {
		return err
	}
	if err := s.Store.Audit(r.Context(), store.Entry{Actor: person.ID, Action: kind, Move: m.ID, Migration: m.Migration}); err != nil {
		return err
	}
	return s.done(w, r, m)
}

// wake tells the engine. When that fails nothing is lost: the engine looks at all migrations from time to time.
func (s *Server) wake(ctx context.Context, id string) {
	if err := s.Engine.Wake(ctx, id); err != nil {
		s.Log.WarnContext(ctx, "the job will begin later", "migration", id, "error", err)
	}
}

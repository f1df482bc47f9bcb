package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
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
	if _, err := s.readForm(w, r); err != nil {
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
	detail, _ := json.Marshal(map[string]string{"kind": kind}) // a map of texts can be written
	if err := s.Store.Audit(r.Context(), store.Entry{Actor: person.ID, Action: kind, Move: m.ID, Migration: m.Migration, Detail: detail}); err != nil {
		return err
	}
	return s.done(w, r, m)
}

// wake tells the engine. When that fails nothing is lost: the engine looks at all migrations from time to time.
func (s *Server) wake(ctx context.Context, id string) error {
	if err := s.Engine.Wake(ctx, id); err != nil {
		s.Log.WarnContext(ctx, "the job will begin later", "migration", id, "error", err)
	}
	return nil
}

// readForm reads the fields of a request that is no upload: of a form, or of one JSON object.
func (s *Server) readForm(w http.ResponseWriter, r *http.Request) (typed, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	large := func(err error) bool { return errors.As(err, new(*http.MaxBytesError)) }
	tooLarge := &fault{status: http.StatusRequestEntityTooLarge, code: "form_too_large", message: "The request is too large for one that is no upload.", fix: "Send only the fields that openapi.json describes."}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		if err := r.ParseForm(); large(err) {
			return nil, tooLarge
		} else if err != nil {
			return nil, badUpload(err)
		}
		return typed(r.PostForm), nil
	}
	var fields map[string]any
	decoder := json.NewDecoder(r.Body)
	decoder.UseNumber()
	if err := decoder.Decode(&fields); large(err) {
		return nil, tooLarge
	} else if err != nil {
		return nil, &fault{status: http.StatusBadRequest, code: "json", message: "The request is no JSON object: %s", args: []any{err.Error()}, fix: "Send an object as openapi.json describes it."}
	}
	form := url.Values{}
	for name, value := range fields {
		switch v := value.(type) {
		case nil:
		case bool:
			if v {
				form.Set(name, "yes")
			}
		default:
			form.Set(name, fmt.Sprint(v))
		}
	}
	return typed(form), nil
}

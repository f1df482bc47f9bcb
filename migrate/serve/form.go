package serve

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxForm is how many bytes a form may have that is no upload.
const maxForm = 64 << 10

// typed is what somebody has put into a form.
type typed url.Values

// Get returns a value; templates show it again when something else was wrong.
func (t typed) Get(name string) string { return url.Values(t).Get(name) }

// Marked tells whether a mark was set. The last value counts: a page sends no before what its checkbox sends, so that a mark
// that was taken away differs from one that was not asked about.
func (t typed) Marked(name string) bool {
	all := t[name]
	return len(all) > 0 && slices.Contains([]string{"yes", "true", "on", "1"}, strings.ToLower(all[len(all)-1]))
}

// marks are the fields that are set or not.
func marks() []string {
	return []string{"skip_invalid", "skip_scheduled", "check_customers", "canary", "sure"}
}

// check refuses a form with a field that is not known, whose author believes that it says something; a mark that is neither
// yes nor no; and text that no database takes.
func (t typed) check(known []string) error {
	for name, values := range t {
		if !slices.Contains(known, name) {
			return wrongField("unknown_field", "There is no field %q here, and nothing was done.", "Send only the fields that openapi.json describes.", name)
		}
		for _, value := range values {
			if badText(value) {
				return wrongField("text", "The field %s has characters that are no text.", "Write it again.", name)
			}
			words := []string{"", "yes", "true", "on", "1", "no", "false", "off", "0"}
			if slices.Contains(marks(), name) && !slices.Contains(words, strings.ToLower(value)) {
				return wrongField("mark", "The field %s is %q, which is neither yes nor no, and nothing was done.", "Send true or false.", name, value)
			}
		}
	}
	return nil
}

// badText tells of text that Postgres takes nowhere.
func badText(text string) bool { return !utf8.ValidString(text) || strings.ContainsRune(text, 0) }

// readForm reads the fields of a request that is no upload: of a form, or of one JSON object.
func (s *Server) readForm(w http.ResponseWriter, r *http.Request, known []string) (typed, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	large := func(err error) bool { return errors.As(err, new(*http.MaxBytesError)) }
	tooLarge := &fault{status: http.StatusRequestEntityTooLarge, code: "form_too_large", message: "The request is too large for one that is no upload.", fix: "Send only the fields that openapi.json describes."}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		if err := r.ParseForm(); large(err) {
			return nil, tooLarge
		} else if err != nil {
			return nil, badUpload(err)
		}
		form := typed(r.PostForm)
		return form, form.check(known)
	}
	var fields map[string]any
	decoder := json.NewDecoder(r.Body)
	decoder.UseNumber()
	err := decoder.Decode(&fields)
	if err == nil {
		if _, err = decoder.Token(); err == nil {
			err = errors.New("something follows the object")
		} else if errors.Is(err, io.EOF) {
			err = nil
		}
	}
	if large(err) {
		return nil, tooLarge
	}
	form := typed{}
	for name, value := range fields {
		text, ok := textOf(value)
		if !ok && err == nil {
			err = errors.New(name + " is of another type than expected")
		}
		if text != nil {
			form[name] = text
		}
	}
	if err != nil {
		return nil, &fault{status: http.StatusBadRequest, code: "json", message: "The request is no JSON object: %s", args: []any{err.Error()}, fix: "Send an object as openapi.json describes it."}
	}
	return form, form.check(known)
}

// textOf returns a value of a JSON object as a form would have it; nil for null.
func textOf(value any) ([]string, bool) {
	switch v := value.(type) {
	case nil:
		return nil, true
	case string:
		return []string{v}, true
	case json.Number:
		return []string{v.String()}, true
	case bool:
		if v {
			return []string{"yes"}, true
		}
		return []string{"no"}, true
	case []any:
		all := []string{}
		for _, one := range v {
			text, ok := one.(string)
			if !ok {
				return nil, false
			}
			all = append(all, text)
		}
		return all, true
	}
	return nil, false
}

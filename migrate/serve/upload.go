package serve

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/serve/access"
	"github.com/subferry/subferry/migrate/serve/page"
	"github.com/subferry/subferry/migrate/serve/store"
	"github.com/subferry/subferry/validate"
)

// longestUpload is how long an upload may take as a whole.
const longestUpload = 30 * time.Minute

// newForm is what the page for a new migration shows.
type newForm struct {
	Accounts []Account
	Limit    int64 // bytes
	Typed    typed
	Problem  *Fault
	Approves bool
}

// newMove shows the form for an upload.
func (s *Server) newMove(w http.ResponseWriter, r *http.Request) error {
	return s.showForm(w, r, http.StatusOK, typed{}, nil)
}

func (s *Server) showForm(w http.ResponseWriter, r *http.Request, status int, t typed, problem *Fault) error {
	all, err := s.Accounts.List(r.Context())
	if err != nil {
		return err
	}
	live := false
	for _, a := range all {
		live = live || a.Livemode
	}
	s.render(w, r, status, "new", page.Frame{Title: s.text(r, "New migration"), Section: "new", Livemode: live && len(all) == 1},
		newForm{Accounts: all, Limit: s.MaxUpload, Typed: t, Problem: problem, Approves: s.door.Roles()})
	return nil
}

// received is an upload: the form around the file, and the file as it was stored.
type received struct {
	form typed
	name string
	sha  string
	size int64
}

// upload takes a file, or the text of one, or the mended file of another migration, and has it reviewed.
func (s *Server) upload(w http.ResponseWriter, r *http.Request) error {
	got, err := s.receive(w, r)
	if err == nil {
		var m store.Move
		if m, err = s.create(r, got); err == nil {
			w.Header().Set("Location", "/moves/"+m.ID)
			if !wantsJSON(r) {
				w.WriteHeader(http.StatusSeeOther)
				return nil
			}
			known, err := s.Store.People(r.Context())
			if err != nil {
				return err
			}
			sandbox, err := s.sandboxes(r)
			if err != nil {
				return err
			}
			s.writeJSON(w, http.StatusCreated, s.moveOf(m, known, sandbox[m.Account], s.permission(r)))
			return nil
		}
	}
	f := s.explain(r, err)
	if wantsJSON(r) || f.status == http.StatusInternalServerError {
		return f
	}
	return s.showForm(w, r, f.status, got.form, &Fault{Code: f.code, Message: s.text(r, f.message, f.args...), Fix: s.text(r, f.fix)})
}

// receive reads the request. The file is stored as it comes, and never held in memory.
func (s *Server) receive(w http.ResponseWriter, r *http.Request) (got received, err error) {
	got.form = typed{}
	select {
	case s.uploads <- struct{}{}:
		defer func() { <-s.uploads }()
	default:
		return got, &fault{status: http.StatusServiceUnavailable, code: "busy", message: "Several files are being uploaded at this moment.", fix: "Try again in a minute."}
	}
	limit := s.MaxUpload + maxForm
	if r.ContentLength > limit {
		w.Header().Set("Connection", "close")
		return got, store.ErrTooLarge
	}
	body := http.MaxBytesReader(w, r.Body, limit)
	now := s.Machine()
	r.Body = struct {
		io.Reader
		io.Closer
	}{&slowly{body: body, control: http.NewResponseController(w), now: s.Machine, end: now.Add(longestUpload)}, body}
	_ = http.NewResponseController(w).SetWriteDeadline(now.Add(longestUpload + writeTimeout))

	switch kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind {
	case "multipart/form-data":
		parts, err := r.MultipartReader()
		if err != nil {
			return got, badUpload(err)
		}
		return got, s.receiveParts(r.Context(), parts, &got)
	default: // a pasted text, or the mended file of another migration
		if err := r.ParseForm(); err != nil {
			return got, badUpload(err)
		}
		got.form = typed(r.PostForm)
		text := got.form.Get("text")
		delete(got.form, "text")
		if text == "" {
			return got, s.takeOver(r.Context(), &got)
		}
		got.name = nameOf(got.form.Get("name"))
		got.sha, got.size, err = s.Store.PutBlob(r.Context(), strings.NewReader(text), s.MaxUpload)
		return got, err
	}
}

func badUpload(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return err
	}
	return &fault{status: http.StatusBadRequest, code: "upload", message: "The upload ended early, or is not in the form of one: %s", args: []any{err.Error()},
		fix: "Send it again: as multipart/form-data with a part named file, or as a form with a field named text."}
}

// longestName is how many bytes the name of a file may have, as on disks.
const longestName = 255

// nameOf returns the name of a file as it is shown: without directories, and without what would make it look like another one.
func nameOf(sent string) string {
	name := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return utf8.RuneError
		}
		return r
	}, path.Base(strings.ReplaceAll(sent, `\`, "/")))
	for len(name) > longestName { // its end has the kind of file
		_, n := utf8.DecodeRuneInString(name)
		name = name[n:]
	}
	if name == "." || name == "/" {
		return "pasted.csv"
	}
	return name
}

// maxParts is far above what the form has.
const maxParts = 64

// receiveParts reads a form with a file in it.
func (s *Server) receiveParts(ctx context.Context, parts *multipart.Reader, got *received) error {
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return badUpload(err)
		}
		if n == maxParts {
			return badUpload(errors.New("it has too many parts"))
		}
		name := part.FormName()
		if name != "file" && name != "text" {
			value, err := io.ReadAll(io.LimitReader(part, maxForm+1))
			if err != nil {
				return badUpload(err)
			}
			if len(value) > maxForm {
				return badUpload(fmt.Errorf("the field %.40q has more than %d KB", name, maxForm>>10))
			}
			url.Values(got.form).Add(name, string(value))
			continue
		}
		head := make([]byte, 1)
		if k, _ := io.ReadFull(part, head); k == 0 { // no file was chosen, or nothing pasted
			continue
		}
		if got.sha != "" {
			return wrongField("two_files", "There is a file and a pasted text, and only one can be meant.", "Take one of them out.")
		}
		if got.name = "pasted.csv"; name == "file" {
			got.name = nameOf(part.FileName())
		}
		if got.sha, got.size, err = s.Store.PutBlob(ctx, io.MultiReader(bytes.NewReader(head), arriving{part}), s.MaxUpload); err != nil {
			return err
		}
	}
}

// arriving is the content of an upload: an error of it is the sender's, and any other error of storing it is ours.
type arriving struct{ io.Reader }

// Read implements io.Reader.
func (a arriving) Read(p []byte) (int, error) {
	n, err := a.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = badUpload(err)
	}
	return n, err
}

// takeOver takes the file that a review of another migration has mended.
func (s *Server) takeOver(ctx context.Context, got *received) error {
	from, file := got.form.Get("from"), got.form.Get("artifact")
	if from == "" || badText(from+file) {
		return nil // create says what is wrong with the form
	}
	m, err := s.Store.Move(ctx, from)
	if err != nil {
		return err
	}
	a, content, err := s.Store.OpenArtifact(ctx, from, file)
	if err != nil {
		return err
	}
	content.Close()
	ext := path.Ext(m.File)
	got.name, got.sha, got.size = strings.TrimSuffix(m.File, ext)+"."+file, a.Blob, a.Size
	if got.form.Get("account") == "" {
		url.Values(got.form).Set("account", m.Account)
	}
	return nil
}

// create begins a migration with a stored file.
func (s *Server) create(r *http.Request, got received) (store.Move, error) {
	ctx := r.Context()
	if err := got.form.check(append(optionFields(), "account", "name", "from", "artifact")); err != nil {
		return store.Move{}, err
	}
	if got.sha == "" {
		return store.Move{}, wrongField("no_file", "There is no file.", "Choose a file, or paste its text with the header line.")
	}
	all, err := s.Accounts.List(ctx)
	if err != nil {
		return store.Move{}, err
	}
	var into *Account
	for i, a := range all {
		id, mode, stated := strings.Cut(got.form.Get("account"), ":")
		if a.ID == id && (!stated || (mode == "live") == a.Livemode) || id == "" && len(all) == 1 {
			into = &all[i]
		}
	}
	if into == nil {
		return store.Move{}, wrongField("account", "It was not said which account the file goes to, or the service has no key of it.", "Choose one of the accounts.")
	}
	if err := s.refuseBomb(ctx, got.sha); err != nil {
		return store.Move{}, err
	}
	options, err := optionsIn(got.form, *into)
	if err != nil {
		return store.Move{}, err
	}
	person := access.From(ctx)
	entry, err := store.NewEntry(person.ID, "upload", map[string]any{"file": got.name, "sha256": got.sha, "bytes": got.size, "account": into.ID, "livemode": into.Livemode, "options": optionsOf(options)})
	if err != nil {
		return store.Move{}, err
	}
	m, err := s.Store.CreateMove(store.WithAudit(ctx, entry), store.Move{
		ID: store.NewID("mov"), Account: into.ID, Livemode: into.Livemode, File: got.name, Upload: got.sha, Options: options,
		State: store.Reviewing, CreatedBy: person.ID,
	})
	if err != nil {
		return m, err
	}
	s.wake(ctx, m.ID)
	return m, nil
}

// optionFields are what a form has about how a file is to be read.
func optionFields() []string {
	return []string{"amount_unit", "direct", "skip_invalid", "skip_scheduled", "check_customers", "sheet", "allow_columns"}
}

// optionsIn reads how a file is to be read.
func optionsIn(form typed, a Account) (o migrate.Options, err error) {
	unit, ok := unitOf(form.Get("amount_unit"))
	if !ok {
		return o, wrongField("amount_unit", "%q is no unit of amounts.", "Say minor (cents) or major (dollars).", form.Get("amount_unit"))
	}
	o = migrate.Options{
		Unit: unit, Sheet: form.Get("sheet"), SkipInvalid: form.Marked("skip_invalid"), SkipScheduled: form.Marked("skip_scheduled"),
		CheckCustomers: form.Marked("check_customers"), Margin: validate.DefaultMargin, Lead: validate.LiveLead,
	}
	if a.Sandbox {
		o.Lead = validate.SandboxLead
	}
	if direct := form.Get("direct"); direct != "" {
		if o.Direct, err = validate.ParseDirect(direct); err != nil {
			return o, wrongField("direct", "%q is no way to create direct subscriptions.", "Say never, needed or exact.", direct)
		}
	}
	for _, column := range strings.Split(strings.Join(form["allow_columns"], ","), ",") {
		if column = strings.TrimSpace(column); column != "" {
			o.AllowColumns = append(o.AllowColumns, column)
		}
	}
	return o, nil
}

// Limits of a workbook, which is zipped: a real one of a million rows is below them.
const (
	maxUnzipped = 2 << 30
	calmRatio   = 200      // a real workbook becomes about ten times as large
	calmSize    = 64 << 20 // below which no ratio is suspicious
	maxFiles    = 5000
)

// refuseBomb refuses a workbook that was made to fill the disk of whoever opens it.
func (s *Server) refuseBomb(ctx context.Context, sha string) error {
	content, size, err := s.Store.OpenBlob(ctx, sha)
	if err != nil {
		return err
	}
	defer content.Close()
	head := make([]byte, 4)
	if _, err := io.ReadFull(content, head); err != nil || !bytes.Equal(head, []byte("PK\x03\x04")) {
		return nil // no workbook; the review says what it is
	}
	z, err := zip.NewReader(&atOffset{content}, size)
	if err != nil {
		return nil // damaged, which the review says too
	}
	total := uint64(0)
	for _, f := range z.File {
		total += min(f.UncompressedSize64, maxUnzipped+1)
	}
	if len(z.File) > maxFiles || total > maxUnzipped || total > calmSize && total/uint64(max(1, size)) > calmRatio {
		return wrongField("unzipped_too_large", "This workbook would become %d MB when it is unzipped, from %d KB: it was not opened.",
			"Save the sheet as CSV and upload that.", int64(min(total, 1<<50)>>20), size>>10)
	}
	return nil
}

// atOffset reads anywhere in a stored file. It is for one reader at a time.
type atOffset struct{ io.ReadSeeker }

// ReadAt implements io.ReaderAt.
func (a *atOffset) ReadAt(p []byte, offset int64) (int, error) {
	if _, err := a.Seek(offset, io.SeekStart); err != nil {
		return 0, err
	}
	return io.ReadFull(a.ReadSeeker, p)
}

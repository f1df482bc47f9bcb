package serve

import (
	"path"
	"slices"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/serve/accounts"
	"github.com/subferry/subferry/migrate/serve/jobs"
	"github.com/subferry/subferry/migrate/serve/store"
)

// Account is an account that files may go to.
type Account = accounts.Account

// Fault is an answer that says what is wrong and what to do about it.
type Fault struct {
	Code    string `json:"code"` // stable, for programs
	Message string `json:"message"`
	Fix     string `json:"fix"`
	Status  int    `json:"-"`
}

// Who is somebody who has done something.
type Who struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Options say how a file is read and judged, as the flags of migrate run do.
type Options struct {
	AmountUnit     string   `json:"amount_unit"` // unstated, minor or major
	Direct         string   `json:"direct"`      // never, needed or exact
	SkipInvalid    bool     `json:"skip_invalid"`
	SkipScheduled  bool     `json:"skip_scheduled"`
	CheckCustomers bool     `json:"check_customers"`
	Sheet          string   `json:"sheet,omitempty"`
	AllowColumns   []string `json:"allow_columns,omitempty"`
}

// Move is a migration: one uploaded file on its way into one account.
type Move struct {
	ID        string      `json:"id"`
	File      string      `json:"file"`
	SHA256    string      `json:"sha256"`
	Account   string      `json:"account"`
	Livemode  bool        `json:"livemode"`
	Sandbox   bool        `json:"sandbox"` // the embedded sandbox: no key, no network, no money
	State     store.State `json:"state"`
	Error     string      `json:"error,omitempty"`     // why the last step ended early
	Migration string      `json:"migration,omitempty"` // the ledger's ID: what the program's commands take
	Options   Options     `json:"options"`
	Canary    int64       `json:"canary"` // so many rows first; 0 is all
	Version   int64       `json:"version"`

	CreatedBy  Who       `json:"created_by"`
	StartedBy  *Who      `json:"started_by,omitempty"`
	ApprovedBy *Who      `json:"approved_by,omitempty"`
	CanceledBy *Who      `json:"canceled_by,omitempty"`
	CreatedAt  time.Time `json:"created_at"`
	ChangedAt  time.Time `json:"changed_at"`

	// Actions are what the person who asks may do now: names of paths below the migration. Only MoveDetail leaves out what the
	// ledger rules out.
	Actions []string `json:"actions"`
}

// MoveDetail is all that is known of a migration.
type MoveDetail struct {
	Move
	Review  *jobs.Review     `json:"review,omitempty"`  // absent before the first one
	Summary *migrate.Summary `json:"summary,omitempty"` // what the ledger has; absent before the first start
	Acts    []Act            `json:"acts"`
	Files   []File           `json:"files"`
	History []Entry          `json:"history"` // the newest first, at most 50

	Progress *progressView `json:"-"`
	Problem  *Fault        `json:"-"` // what was wrong with a form that was sent
	Typed    typed         `json:"-"` // what was in it
	Steps    []stepView    `json:"-"`
	Approves bool          `json:"-"` // there are roles: a second person has to approve
	Left     int64         `json:"-"` // seconds until the deadline
	Totals   []totalView   `json:"-"`
	Kinds    []string      `json:"-"` // of acts that can be asked for
}

// Shown returns the files that a person may want; ForPrograms those that only programs do. Files of rows that there are none
// of are in neither.
func (d MoveDetail) Shown() []File { return d.filesThat(false) }

// Made returns the files for people that an act of a kind has made, when it is the newest one: the next one replaces them.
func (d MoveDetail) Made(a Act) (list []File) {
	names := map[string][]string{
		"verify": {jobs.DifferencesCSV, jobs.ReceiptCSV}, "who_bills": {jobs.WhoBillsCSV}, "monitor": {jobs.MonitorHTML, jobs.MonitorCSV},
		"report": {jobs.ReportCSV, jobs.RefusedRowsCSV},
	}[a.Kind]
	newest := slices.IndexFunc(d.Acts, func(one Act) bool { return one.Kind == a.Kind && one.State == store.ActDone })
	for _, f := range d.Files {
		if newest >= 0 && d.Acts[newest].ID == a.ID && slices.Contains(names, f.Name) {
			list = append(list, f)
		}
	}
	return list
}

// Differs tells whether an act has found that something is not as it should be.
func (d MoveDetail) Differs(a Act) bool {
	return slices.ContainsFunc(d.Made(a), func(f File) bool { return f.Name == jobs.DifferencesCSV })
}

// AtWork tells whether something that was asked for has not ended.
func (d MoveDetail) AtWork() bool {
	return slices.ContainsFunc(d.Acts, func(a Act) bool { return a.State == store.ActQueued || a.State == store.ActWorking })
}

// ForPrograms returns the others.
func (d MoveDetail) ForPrograms() []File { return d.filesThat(true) }

func (d MoveDetail) filesThat(programs bool) (list []File) {
	for _, f := range d.Files {
		none := d.Review != nil && (f.Name == jobs.ReadyCSV && d.Review.Ready == 0 || f.Name == jobs.DeferredCSV && d.Review.Deferred == 0 ||
			f.Name == jobs.ErrorsCSV && d.Review.Invalid == 0)
		if slices.Contains([]string{".json", ".ndjson", ".sarif"}, path.Ext(f.Name)) == programs && !none {
			list = append(list, f)
		}
	}
	return list
}

// Act is something that was asked for and changes nothing: verify, who_bills, monitor, report.
type Act struct {
	ID       string         `json:"id"`
	Kind     string         `json:"kind"`
	State    store.ActState `json:"state"`
	Error    string         `json:"error,omitempty"`
	By       Who            `json:"by"`
	AskedAt  time.Time      `json:"asked_at"`
	EndedAt  *time.Time     `json:"ended_at,omitempty"`
	Artifact string         `json:"artifact,omitempty"` // the file that it has made first
}

// File is one that can be downloaded.
type File struct {
	Name      string    `json:"name"`
	MediaType string    `json:"media_type"`
	Size      int64     `json:"size"`
	SHA256    string    `json:"sha256"`
	MadeAt    time.Time `json:"made_at"`
	Path      string    `json:"path"`
}

// Entry is a line of the audit log.
type Entry struct {
	Number    int64     `json:"number"`
	At        time.Time `json:"at"`
	By        Who       `json:"by"`
	Action    string    `json:"action"`
	Move      string    `json:"move,omitempty"`
	Migration string    `json:"migration,omitempty"`
	Detail    any       `json:"detail,omitempty"`
}

// optionsOf returns a move's options as the API has them.
func optionsOf(o migrate.Options) Options {
	return Options{
		AmountUnit: o.Unit.String(), Direct: o.Direct.String(), SkipInvalid: o.SkipInvalid, SkipScheduled: o.SkipScheduled,
		CheckCustomers: o.CheckCustomers, Sheet: o.Sheet, AllowColumns: o.AllowColumns,
	}
}

// names gives people their names.
type names map[string]string

func (n names) who(id string) Who {
	name := n[id]
	if name == "" {
		name = id
	}
	return Who{ID: id, Name: name}
}

func (n names) maybe(id string) *Who {
	if id == "" {
		return nil
	}
	w := n.who(id)
	return &w
}

// moveOf returns a move as the API has it.
func (s *Server) moveOf(m store.Move, known names, sandbox bool, may permission) Move {
	return Move{
		ID: m.ID, File: m.File, SHA256: m.Upload, Account: m.Account, Livemode: m.Livemode, Sandbox: sandbox, State: m.State, Error: m.Error,
		Migration: m.Migration, Options: optionsOf(m.Options), Canary: m.Canary, Version: m.Version,
		CreatedBy: known.who(m.CreatedBy), StartedBy: known.maybe(m.StartedBy), ApprovedBy: known.maybe(m.ApprovedBy), CanceledBy: known.maybe(m.CanceledBy),
		CreatedAt: m.CreatedAt.Time(), ChangedAt: m.ChangedAt.Time(), Actions: may.actions(m),
	}
}

func entryOf(e store.Entry, known names) Entry {
	one := Entry{Number: e.Number, At: e.At.Time(), By: known.who(e.Actor), Action: e.Action, Move: e.Move, Migration: e.Migration}
	if len(e.Detail) > 0 {
		one.Detail = e.Detail
	}
	return one
}

func actOf(a store.Act, known names) Act {
	one := Act{ID: a.ID, Kind: a.Kind, State: a.State, Error: a.Error, By: known.who(a.Actor), AskedAt: a.AskedAt.Time(), Artifact: a.Artifact}
	if a.EndedAt != 0 {
		at := a.EndedAt.Time()
		one.EndedAt = &at
	}
	return one
}

func fileOf(a store.Artifact) File {
	return File{Name: a.Name, MediaType: a.MediaType, Size: a.Size, SHA256: a.Blob, MadeAt: a.MadeAt.Time(), Path: "/moves/" + a.Move + "/files/" + a.Name}
}

// unitOf returns the unit of a name.
func unitOf(name string) (csvspec.Unit, bool) {
	for _, u := range []csvspec.Unit{csvspec.UnitUnstated, csvspec.UnitMinor, csvspec.UnitMajor} {
		if u.String() == name {
			return u, true
		}
	}
	return csvspec.UnitUnstated, name == ""
}

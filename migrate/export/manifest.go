package export

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// ManifestName is the file that says what an export's directory holds.
const ManifestName = "manifest.json"

const manifestFormat = 1

// Moment is a Unix second that JSON shows as 2026-01-31T00:00:00Z; 0 is null.
type Moment int64

// String returns the moment as JSON has it, "" for none.
func (m Moment) String() string {
	if m == 0 {
		return ""
	}
	return time.Unix(int64(m), 0).UTC().Format(time.RFC3339)
}

// MarshalJSON implements json.Marshaler.
func (m Moment) MarshalJSON() ([]byte, error) {
	if m == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(m.String())
}

// UnmarshalJSON implements json.Unmarshaler.
func (m *Moment) UnmarshalJSON(text []byte) error {
	var t *time.Time
	err := json.Unmarshal(text, &t)
	if err == nil && t != nil {
		*m = Moment(t.Unix())
	}
	return err
}

// Manifest says what an export's directory holds: enough to prove it, and to go on from it.
type Manifest struct {
	Format     int      `json:"format"`
	Account    string   `json:"account"` // "" when the key may not read it
	Livemode   bool     `json:"livemode"`
	APIVersion string   `json:"api_version"`
	Run        Run      `json:"run"`
	Kinds      []Result `json:"kinds"`
}

// Run is the last export into the directory.
type Run struct {
	Number      int      `json:"number"` // from 1, in this directory
	Began       Moment   `json:"began"`
	Finished    Moment   `json:"finished"` // null while it is unfinished: the same command goes on
	Since       Moment   `json:"since"`
	Until       Moment   `json:"until"`
	Formula     string   `json:"formula"`
	Split       string   `json:"split,omitempty"`
	Incremental bool     `json:"incremental"`
	Kinds       []string `json:"kinds"`
	Requests    int64    `json:"requests"` // of the last invocation
	Retries     int64    `json:"retries"`
}

// Result is what is known of one kind.
type Result struct {
	Kind    string        `json:"kind"`
	File    string        `json:"file,omitempty"`
	CSV     string        `json:"csv,omitempty"`
	Objects int           `json:"objects"`
	Bytes   int64         `json:"bytes"`
	SHA256  string        `json:"sha256,omitempty"` // of File
	AsOf    Moment        `json:"as_of"`            // when its export began: what changed later may be missing
	Since   Moment        `json:"since"`
	Until   Moment        `json:"until"`
	Settled Moment        `json:"settled"` // objects created before are complete; later ones may have been shown after they were asked for
	Ranges  []RangeResult `json:"ranges,omitempty"`
	Nested  int64         `json:"nested_lists_followed,omitempty"`
	Whole   bool          `json:"read_by_one_cursor,omitempty"` // the server does not filter by time
	Doubts  []Moment      `json:"doubts,omitempty"`             // seconds of which the server may not have shown everything

	Added   int `json:"added,omitempty"`   // by the last incremental run
	Changed int `json:"changed,omitempty"` // likewise
	Deleted int `json:"deleted,omitempty"` // objects in DeletedFile

	DeletedFile string   `json:"deleted_file,omitempty"`
	Again       string   `json:"read_again_because,omitempty"` // why an incremental run has read everything
	Skipped     *Skipped `json:"skipped,omitempty"`
	Run         int      `json:"run"` // number of the run that has written it
}

// RangeResult is one range that was read.
type RangeResult struct {
	From    Moment `json:"from"`  // included; null has no beginning
	Until   Moment `json:"until"` // left out
	Objects int    `json:"objects"`
}

// Skipped is a list that Stripe does not give.
type Skipped struct {
	Status     int    `json:"status"`
	Code       string `json:"code,omitempty"`
	Message    string `json:"message"`
	RequestID  string `json:"request_id,omitempty"`
	Permission string `json:"permission,omitempty"` // that a restricted key would need
}

// String says it in one sentence.
func (s *Skipped) String() string {
	text := fmt.Sprintf("Stripe answered %d: %s", s.Status, s.Message)
	if s.Permission != "" {
		text += ". A restricted key needs the permission " + s.Permission
	}
	return text
}

// Result returns what is known of a kind, nil when nothing is.
func (m *Manifest) Result(kind string) *Result {
	if i := slices.IndexFunc(m.Kinds, func(r Result) bool { return r.Kind == kind }); i >= 0 {
		return &m.Kinds[i]
	}
	return nil
}

func (m *Manifest) put(r Result) {
	if old := m.Result(r.Kind); old != nil {
		*old = r
		return
	}
	m.Kinds = append(m.Kinds, r)
	slices.SortFunc(m.Kinds, func(a, b Result) int {
		if a.Kind < b.Kind {
			return -1
		}
		return 1
	})
}

// ReadManifest reads the manifest of a directory; nil when there is none.
func ReadManifest(dir string) (*Manifest, error) {
	name := filepath.Join(dir, ManifestName)
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m := &Manifest{}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("%s is no manifest of an export: %w", name, err)
	}
	if m.Format != manifestFormat {
		return nil, fmt.Errorf("%s has format %d, and this program knows format %d: use the version that wrote it, or another directory", name, m.Format, manifestFormat)
	}
	return m, nil
}

func (m *Manifest) write(dir string) error {
	return writeFile(filepath.Join(dir, ManifestName), func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(m)
	})
}

// writeFile writes a file that is either there as a whole or as it was before. Nobody else may read it.
func writeFile(name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

package export

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// deletedObject is an object that was in the file and is not in the account any more.
type deletedObject struct {
	ID    string
	Event told
}

// noteDeleted adds what is gone to the file of deleted objects.
func (x *exporting) noteDeleted(r *Result, before *Result, gone []deletedObject) error {
	r.Deleted, r.DeletedFile = before.Deleted, before.DeletedFile
	if len(gone) == 0 {
		return nil
	}
	r.Deleted += len(gone)
	r.DeletedFile = r.Kind + ".deleted.ndjson"
	name := filepath.Join(x.opts.Dir, r.DeletedFile)
	old, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return writeFile(name, func(w io.Writer) error {
		out := bufio.NewWriter(w)
		if _, err := out.Write(old); err != nil {
			return err
		}
		for _, g := range gone {
			text, err := json.Marshal(struct {
				ID      string `json:"id"`
				Deleted bool   `json:"deleted"`
				Noticed Moment `json:"noticed"`
				Event   string `json:"event,omitempty"`
				At      Moment `json:"event_at"`
			}{g.ID, true, r.AsOf, g.Event.Type, g.Event.At})
			if err != nil {
				return err
			}
			if _, err := out.Write(append(text, '\n')); err != nil {
				return err
			}
		}
		return out.Flush()
	})
}

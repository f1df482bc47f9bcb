package sandbox

import (
	"time"
)

// ForgetInvoices drops the invoices made before a moment, for a caller that has
// read them and goes on for so long that keeping all would take too much
// memory. Drafts that the clock has still to finalize stay. An invoice that is
// dropped is no longer found, also where another object names it.
func (s *Server) ForgetInvoices(before time.Time) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.caught(&err)
	if s.broken != nil {
		return s.broken
	}
	t := s.state.begin(s.now())
	for _, o := range s.state.invoices.all() {
		if o.Created < before.Unix() && o.Due() == 0 {
			t.invoices.remove(o.ID)
		}
	}
	if err := s.commit(t, fingerprint{}, nil); err != nil {
		return err
	}
	s.state.invoices = s.state.invoices.packed()
	return s.settle()
}

// packed is the table without the gaps that removed objects have left. In a
// directory the positions stay what they are: the store knows them.
func (t *table[O]) packed() *table[O] {
	if len(t.rows) == t.count || t.disk.store != nil {
		return t
	}
	kept := newTable(t.key, t.owner).by(t.columns)
	for _, o := range t.rows {
		if o != nil {
			kept.put(o)
		}
	}
	return kept
}

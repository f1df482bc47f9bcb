package serve

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/serve/jobs"
	"github.com/subferry/subferry/migrate/serve/store"
	"github.com/subferry/subferry/validate"
)

// listQuery is which lines of a list are asked for.
type listQuery struct {
	Q        string // a text that a line must have, in any case
	Severity string
	Code     string
	State    string
	Page     int // from 1
}

func queryOf(r *http.Request) listQuery {
	q := r.URL.Query()
	page, _ := strconv.Atoi(q.Get("page")) // what is no number is the first
	return listQuery{Q: strings.TrimSpace(q.Get("q")), Severity: q.Get("severity"), Code: q.Get("code"), State: q.Get("state"), Page: min(max(1, page), 1_000_000)}
}

// linked returns the query of another page of the same list.
func (q listQuery) linked(page int) string {
	v := url.Values{}
	for name, value := range map[string]string{"q": q.Q, "severity": q.Severity, "code": q.Code, "state": q.State} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if page > 1 {
		v.Set("page", strconv.Itoa(page))
	}
	return "?" + v.Encode()
}

// listed is a page of a list, and how to get to the others.
type listed struct {
	Move   Move             `json:"-"`
	Review *jobs.Review     `json:"-"`
	Query  listQuery        `json:"-"`
	Page   int              `json:"page"`
	More   bool             `json:"more"` // there is another page
	Before string           `json:"-"`
	After  string           `json:"-"`
	Absent bool             `json:"-"` // the job that makes the list has not ended
	Charts []currencyCharts `json:"-"`
}

func (s *Server) listed(r *http.Request) (store.Move, listed, error) {
	m, err := s.Store.Move(r.Context(), r.PathValue("id"))
	if err != nil {
		return m, listed{}, err
	}
	known, err := s.Store.People(r.Context())
	if err != nil {
		return m, listed{}, err
	}
	boxes, err := s.sandboxes(r)
	l := listed{Move: s.moveOf(m, known, boxes[m.Account], s.permission(r)), Query: queryOf(r)}
	l.Page = l.Query.Page
	if err == nil && len(m.Review) > 0 {
		l.Review = &jobs.Review{}
		err = json.Unmarshal(m.Review, l.Review)
	}
	return m, l, err
}

// links fills in the addresses of the neighbours, once it is known whether there is more.
func (l *listed) links() {
	if l.Page > 1 {
		l.Before = l.Query.linked(l.Page - 1)
	}
	if l.More {
		l.After = l.Query.linked(l.Page + 1)
	}
}

// window picks the lines of one page among those that fit.
type window struct{ from, to, seen int }

func windowOf(page int) window { return window{from: (page - 1) * perPage, to: page * perPage} }

// take tells whether a line that fits is on the page, and whether the page is full.
func (w *window) take() (on, full bool) {
	w.seen++
	return w.seen > w.from && w.seen <= w.to, w.seen > w.to
}

// lines walks an artifact that has a JSON object a line. Lines are at most a few kilobytes; one that is longer than a
// megabyte is none of ours.
func (s *Server) lines(r *http.Request, m store.Move, name string, each func(line []byte) (more bool, err error)) error {
	_, content, err := s.Store.OpenArtifact(r.Context(), m.ID, name)
	if err != nil {
		return err
	}
	defer content.Close()
	in := bufio.NewReaderSize(content, 1<<20)
	for {
		line, err := in.ReadSlice('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		more, err := each(line)
		if err != nil || !more {
			return err
		}
	}
}

// fits tells whether a line has a text, in any case.
func fits(line []byte, q string) bool {
	return q == "" || strings.Contains(strings.ToLower(string(line)), strings.ToLower(q))
}

// findingList is a page of what was found.
type findingList struct {
	listed
	Findings []validate.Finding `json:"findings"`
}

// listFindings shows what is wrong with the file.
func (s *Server) listFindings(w http.ResponseWriter, r *http.Request) error {
	m, l, err := s.listed(r)
	if err != nil {
		return err
	}
	list, on := findingList{listed: l, Findings: []validate.Finding{}}, windowOf(l.Page)
	err = s.lines(r, m, jobs.FindingsNDJSON, func(line []byte) (bool, error) {
		var found validate.Finding
		if !bytes.HasPrefix(line, []byte(`{"type":"finding"`)) || !fits(line, l.Query.Q) { // the last line is the report
			return true, nil
		}
		if err := json.Unmarshal(line, &found); err != nil {
			return false, err
		}
		severity := string(found.Severity)
		if found.Deferred {
			severity = "deferred"
		}
		if l.Query.Severity != "" && l.Query.Severity != severity || l.Query.Code != "" && l.Query.Code != found.Code {
			return true, nil
		}
		taken, full := on.take()
		if taken {
			list.Findings = append(list.Findings, found)
		}
		list.More = full
		return !full, nil
	})
	if list.Absent = errors.Is(err, store.ErrNotFound); err != nil && !list.Absent {
		return err
	}
	list.links()
	f := s.moveFrame(r, m)
	f.Title = s.text(r, "Findings in %s", m.File)
	return s.answer(w, r, "findings", f, list)
}

// chargeRow is what one row becomes and is charged.
type chargeRow struct {
	Row              int64    `json:"row"`
	Line             int64    `json:"line"`
	Customer         string   `json:"customer"`
	SourceID         string   `json:"source_id,omitempty"`
	Strategy         string   `json:"strategy"`
	Start            string   `json:"start"`
	Every            string   `json:"every"`
	CollectionMethod string   `json:"collection_method"`
	Charges          []charge `json:"charges"`
}

// Paid returns the charges but for invoices over nothing.
func (c chargeRow) Paid() (list []charge) {
	for _, one := range c.Charges {
		if one.Total == nil || one.Due == nil || *one.Total != 0 || *one.Due != 0 {
			list = append(list, one)
		}
	}
	return list
}

// charge is one charge, as a plan has it.
type charge struct {
	At          string   `json:"at"`
	Kind        string   `json:"kind"`
	Currency    string   `json:"currency"`
	Total       *int64   `json:"total"`      // null when it is not known
	Due         *int64   `json:"amount_due"` // likewise
	Basis       string   `json:"basis"`
	Assumptions []string `json:"assumptions,omitempty"`
	Unknown     []string `json:"unknown,omitempty"`
}

// chargeList is a page of the rows and their charges.
type chargeList struct {
	listed
	Rows   []chargeRow `json:"rows"`
	Totals []totalView `json:"-"`
}

// listCharges shows what will be charged, to whom and when.
func (s *Server) listCharges(w http.ResponseWriter, r *http.Request) error {
	m, l, err := s.listed(r)
	if err != nil {
		return err
	}
	list, on := chargeList{listed: l, Rows: []chargeRow{}}, windowOf(l.Page)
	err = s.lines(r, m, jobs.PlanRows, func(line []byte) (bool, error) {
		if !fits(line, l.Query.Q) {
			return true, nil
		}
		taken, full := on.take()
		if taken {
			var row chargeRow
			if err := json.Unmarshal(line, &row); err != nil {
				return false, err
			}
			list.Rows = append(list.Rows, row)
		}
		list.More = full
		return !full, nil
	})
	if list.Absent = errors.Is(err, store.ErrNotFound); err != nil && !list.Absent {
		return err
	}
	list.links()
	if l.Review != nil {
		list.Totals, list.Charts = totalsOf(l.Review), chartsOf(l.Review, s.language(r))
	}
	f := s.moveFrame(r, m)
	f.Title = s.text(r, "Charges of %s", m.File)
	return s.answer(w, r, "plan", f, list)
}

// rowList is a page of what became of the rows.
type rowList struct {
	listed
	Rows   []migrate.ReportLine `json:"rows"`
	States []ledger.State       `json:"-"`
}

// listRows shows what became of each row.
func (s *Server) listRows(w http.ResponseWriter, r *http.Request) error {
	m, l, err := s.listed(r)
	if err != nil {
		return err
	}
	list, on := rowList{listed: l, Rows: []migrate.ReportLine{}, States: ledger.States()}, windowOf(l.Page)
	if list.Absent = m.Migration == ""; !list.Absent {
		var states []ledger.State
		if l.Query.State != "" {
			states = []ledger.State{ledger.State(l.Query.State)}
		}
		for e, err := range s.Ledger.Entries(r.Context(), m.Migration, states...) {
			if err != nil {
				return err
			}
			if !fits([]byte(e.Customer+" "+e.SourceID+" "+e.ScheduleID+" "+e.SubscriptionID+" "+e.ErrorCode+" "+e.Error), l.Query.Q) {
				continue
			}
			taken, full := on.take()
			if taken {
				list.Rows = append(list.Rows, lineOf(e))
			}
			if list.More = full; full {
				break
			}
		}
	}
	list.links()
	f := s.moveFrame(r, m)
	f.Title, f.Reload = s.text(r, "Rows of %s", m.File), 0
	return s.answer(w, r, "rows", f, list)
}

func lineOf(e ledger.Entry) migrate.ReportLine {
	return migrate.ReportLine{
		Row: e.Row, Line: e.Line, Customer: e.Customer, SourceID: e.SourceID, ScheduleID: e.ScheduleID, SubscriptionID: e.SubscriptionID,
		Strategy: e.Strategy, Start: e.Start, State: string(e.State), Code: e.ErrorCode, Error: e.Error, Direct: e.SubscriptionID != "",
	}
}

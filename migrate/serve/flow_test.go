package serve_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/serve"
	"github.com/subferry/subferry/migrate/serve/jobs"
	"github.com/subferry/subferry/migrate/serve/store"
)

// The whole way of a file, as a program goes it: everything that is answered is held against openapi.json, and in the end
// every operation that it describes was tried.
func TestFromUploadToCanceled(t *testing.T) {
	v := open(t, nil).enter()
	m := v.upload("basic.csv", "check_customers", "yes")
	require.Equal(t, store.Reviewed, m.State)
	require.EqualValues(t, 12, m.Review.Ready)
	require.ElementsMatch(t, []string{"options", "start", "again"}, m.Actions)

	status, text := v.get("/moves/" + m.ID + "/plan?q=cus_Ada")
	require.Equal(t, http.StatusOK, status)
	plan := decode[struct{ Rows []struct{ Customer string } }](t, text)
	require.Len(t, plan.Rows, 1)
	require.Equal(t, "cus_Ada", plan.Rows[0].Customer)
	status, text = v.get("/moves/" + m.ID + "/findings?severity=warning")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, text, `"severity":"warning"`)
	require.NotContains(t, text, `"severity":"info"`)

	path := "/moves/" + m.ID
	status, text = v.post(path+"/options", "amount_unit", "minor", "check_customers", "yes")
	require.Equal(t, http.StatusOK, status, text)
	m = v.until(m.ID, store.Reviewed)
	require.Equal(t, "minor", m.Review.AmountUnit)
	status, text = v.post(path + "/again")
	require.Equal(t, http.StatusOK, status, text)
	m = v.until(m.ID, store.Reviewed)

	status, text = v.post(path+"/start", "account", "acct_another")
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Contains(t, text, m.Account)
	status, text = v.post(path+"/start", "account", m.Account, "version", "1")
	require.Equal(t, http.StatusConflict, status, "what was seen is not what there is: %s", text)
	resp, text := v.do("POST", path+"/start", "application/json", strings.NewReader(`{"account": "`+m.Account+`", "canary": true, "canary_rows": 3, "version": `+strconv.FormatInt(m.Version, 10)+`}`))
	require.Equal(t, http.StatusOK, resp.StatusCode, text)
	m = v.until(m.ID, store.CanaryDone)
	require.EqualValues(t, 3, m.Summary.Scheduled)

	status, text = v.post(path + "/continue")
	require.Equal(t, http.StatusOK, status, text)
	m = v.until(m.ID, store.Scheduled)
	require.EqualValues(t, 12, m.Summary.Scheduled)
	require.NotNil(t, m.Summary.CancelBefore)
	status, text = v.post(path + "/continue")
	require.Equal(t, http.StatusConflict, status, text)
	status, text = v.get(path + "/rows?state=scheduled")
	require.Equal(t, http.StatusOK, status)
	require.Len(t, decode[struct{ Rows []any }](t, text).Rows, 12)
	status, text = v.get(path + "/progress")
	require.Equal(t, http.StatusOK, status, text)

	status, text = v.post(path + "/acts/verify")
	require.Equal(t, http.StatusOK, status, text)
	status, text = v.post(path + "/acts/everything")
	require.Equal(t, http.StatusNotFound, status, text)
	status, text = v.post(path+"/acts/verify", "rows", "3")
	require.Equal(t, http.StatusUnprocessableEntity, status, text)

	status, text = v.post(path + "/cancel")
	require.Equal(t, http.StatusUnprocessableEntity, status, "it was not confirmed: %s", text)
	status, text = v.post(path+"/cancel", "sure", "yes")
	require.Equal(t, http.StatusOK, status, text)
	m = v.until(m.ID, store.Canceled)
	require.EqualValues(t, 12, m.Summary.Canceled)
	for _, action := range []string{"approve", "withdraw", "pause"} {
		status, text = v.post(path + "/" + action)
		require.Equal(t, http.StatusConflict, status, text)
	}

	for _, f := range m.Files {
		status, text = v.get(f.Path)
		require.Equal(t, http.StatusOK, status, f.Name)
		require.NotEmpty(t, text, f.Name)
	}
	for _, path := range []string{"/", "/moves", "/audit", "/accounts", path + "/findings", path + "/files/none.csv", "/moves/mov_none"} {
		v.get(path)
	}
	for template, methods := range v.api.paths {
		for method := range methods.(map[string]any) {
			if operation := strings.ToUpper(method) + " " + template; !strings.HasSuffix(template, "/events") && !v.api.held[operation] {
				t.Errorf("%s is in openapi.json, and was not tried", operation)
			}
		}
	}
}

// Every request that changes something stands in the audit log, refused ones too; what the jobs did stands there as well.
func TestEveryPostIsInTheAuditLog(t *testing.T) {
	v := open(t, nil).enter()
	m := v.upload("basic.csv")
	v.post("/moves/"+m.ID+"/start", "account", "wrong")
	v.post("/moves/" + m.ID + "/pause")
	v.post("/moves/mov_none/start")
	v.post("/nowhere")
	v.post("/moves/"+m.ID+"/start", "account", m.Account)
	v.until(m.ID, store.Scheduled)
	v.post("/moves/" + m.ID + "/acts/report")
	_, text := v.get("/audit")
	var did []string
	for _, e := range decode[struct{ Entries []struct{ Action string } }](t, text).Entries {
		did = append(did, e.Action)
	}
	slices.Reverse(did)
	want := []string{"upload", "reviewed", "start refused", "pause refused", "start refused", "unknown refused", "start", "report"}
	var found []string
	for _, action := range did {
		if slices.Contains(want, action) {
			found = append(found, action)
		}
	}
	require.Equal(t, want, found)
	require.Contains(t, did, "scheduled", "the jobs' steps are there as well")
}

func TestAFileWithErrorsCannotBeStarted(t *testing.T) {
	v := open(t, nil).enter()
	m := v.upload("broken.csv")
	require.Equal(t, store.Invalid, m.State)
	require.NotContains(t, m.Actions, "start")
	status, _ := v.post("/moves/"+m.ID+"/start", "account", m.Account)
	require.Equal(t, http.StatusConflict, status)
	_, page := v.browser().get("/moves/" + m.ID)
	require.Contains(t, page, "13 rows have errors.")
	require.NotContains(t, page, "/start")

	// The mended file is a new migration.
	require.True(t, slices.ContainsFunc(m.Files, func(f struct{ Name, Path string }) bool { return f.Name == jobs.MendedCSV }))
	status, text := v.post("/moves", "from", m.ID, "artifact", jobs.MendedCSV)
	require.Equal(t, http.StatusCreated, status, text)
	mended := v.until(decode[move](t, text).ID, store.Invalid, store.Reviewed)
	require.Less(t, mended.Review.Errors, m.Review.Errors)
}

// A stream says what is new, and nothing to somebody who knows it already.
func TestProgressIsStreamed(t *testing.T) {
	v := open(t, nil).enter()
	m := v.upload("basic.csv")
	read := func(path, known string) (events []string, id string) {
		req, err := http.NewRequestWithContext(t.Context(), "GET", v.url+path, nil)
		require.NoError(t, err)
		if known != "" {
			req.Header.Set("Last-Event-ID", known)
		}
		resp, err := v.http.Do(req)
		require.NoError(t, err)
		defer resp.Body.Close()
		require.Equal(t, "text/event-stream; charset=utf-8", resp.Header.Get("Content-Type"))
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			if name, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
				id = name
			}
			if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				events = append(events, name)
			}
			if data, ok := strings.CutPrefix(lines.Text(), "data: {"); ok {
				require.True(t, json.Valid([]byte("{"+data)))
				break
			}
		}
		return events, id
	}
	events, id := read("/moves/"+m.ID+"/events", "")
	require.Equal(t, []string{"progress"}, events)
	events, _ = read("/moves/"+m.ID+"/events?state=running", id)
	require.Equal(t, []string{"changed"}, events, "the page shows another state than there is")

	// Nothing new is sent until there is: the state changes while the stream is open.
	done := make(chan []string, 1)
	go func() {
		events, _ := read("/moves/"+m.ID+"/events?state=reviewed", id)
		done <- events
	}()
	v.post("/moves/"+m.ID+"/start", "account", m.Account)
	require.Equal(t, []string{"changed"}, <-done)
}

func TestPastedRowsAndWhatIsMissing(t *testing.T) {
	v := open(t, nil).enter()
	status, text := v.post("/moves", "text", "customer,start_date,price\ncus_1,2051859600,price_1\n")
	require.Equal(t, http.StatusCreated, status, text)
	m := v.until(decode[move](t, text).ID, store.Reviewed)
	require.EqualValues(t, 1, m.Review.Rows)

	for want, fields := range map[string][]string{
		"no_file":     {"text", ""},
		"account":     {"text", "customer\n", "account", "acct_unknown"},
		"amount_unit": {"text", "customer\n", "amount_unit", "dollars"},
		"direct":      {"text", "customer\n", "direct", "always"},
	} {
		status, text := v.post("/moves", fields...)
		require.Equal(t, http.StatusUnprocessableEntity, status, text)
		require.Equal(t, want, decode[struct{ Error struct{ Code string } }](t, text).Error.Code)
	}
}

// laterClock is the machine's clock, which can be set ahead.
type laterClock struct {
	migrate.SystemClock
	ahead *atomic.Int64
}

func (c laterClock) Now() time.Time { return c.SystemClock.Now().Add(time.Duration(c.ahead.Load())) }

// What is offered is what the ledger allows: no cancel after the deadline, nothing to go on with when no row was refused.
func TestWhatTheLedgerRulesOutIsNotOffered(t *testing.T) {
	clock := laterClock{ahead: &atomic.Int64{}}
	v := open(t, func(c *serve.Config) { c.Clock = clock }).enter()
	m := v.upload("basic.csv")
	v.post("/moves/"+m.ID+"/start", "account", m.Account)
	m = v.until(m.ID, store.Scheduled)
	require.Equal(t, []string{"cancel"}, m.Actions)
	clock.ahead.Store(int64(10*time.Hour + time.Minute))
	_, text := v.get("/moves/" + m.ID)
	require.Empty(t, decode[move](t, text).Actions)
	status, text := v.post("/moves/"+m.ID+"/cancel", "sure", "yes")
	require.Equal(t, http.StatusConflict, status)
	require.Contains(t, text, "window_closed")
}

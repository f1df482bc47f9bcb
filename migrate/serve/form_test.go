package serve_test

import (
	"database/sql"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/serve/store"
)

// A file that cannot be stored is no fault of who has sent it, and what the database says is for the log.
func TestAnUploadThatCannotBeStored(t *testing.T) {
	r := open(t, nil)
	v := r.enter()
	v.api = nil // which describes what is meant to happen
	db, err := sql.Open("sqlite", r.store.String())
	require.NoError(t, err)
	defer db.Close()
	_, err = db.ExecContext(t.Context(), "ALTER TABLE serve_pieces RENAME TO away")
	require.NoError(t, err)
	status, text := v.send("basic.csv", strings.NewReader("customer\n"))
	require.Equal(t, http.StatusInternalServerError, status, text)
	require.NotContains(t, text, "serve_pieces")
	require.Contains(t, r.log.String(), "serve_pieces")
}

// What a program sends means what it says, or is refused: a mark that is false, a list, a field that does not exist.
func TestAFormMeansWhatItSays(t *testing.T) {
	r := open(t, nil)
	v := r.enter()
	m := v.upload("basic.csv", "skip_invalid", "false", "check_customers", "off")
	path := "/moves/" + m.ID
	json := func(path, body string) (int, string) {
		resp, text := v.do("POST", path, "application/json", strings.NewReader(body))
		return resp.StatusCode, text
	}
	type read struct {
		Options struct {
			SkipInvalid    bool     `json:"skip_invalid"`
			CheckCustomers bool     `json:"check_customers"`
			AllowColumns   []string `json:"allow_columns"`
		}
		Canary int64
	}
	_, text := v.get(path)
	require.False(t, decode[read](t, text).Options.SkipInvalid, "false is false: %.300s", text)
	require.False(t, decode[read](t, text).Options.CheckCustomers)

	for body, code := range map[string]string{
		`{"skip_invalid": "perhaps"}`:          "mark",
		`{"amount_units": "minor"}`:            "unknown_field",
		`{"sheet": "a\u0000b"}`:                "text",
		`{"sheet": {"name": "a"}}`:             "json",
		`{"allow_columns": [1]}`:               "json",
		`{"amount_unit": "minor"} {"sheet":1}`: "json",
	} {
		status, text := json(path+"/options", body)
		require.Contains(t, []int{http.StatusBadRequest, http.StatusUnprocessableEntity}, status, "%s: %s", body, text)
		require.Contains(t, text, `"code":"`+code+`"`, body)
	}
	status, text := json(path+"/options", `{"amount_unit": "minor", "skip_invalid": "false", "check_customers": false, "allow_columns": ["note", "colour"]}`)
	require.Equal(t, http.StatusOK, status, text)
	options := decode[read](t, text).Options
	require.False(t, options.SkipInvalid)
	require.Equal(t, []string{"note", "colour"}, options.AllowColumns)
	v.until(m.ID, store.Reviewed)
	_, text = v.browser().get(path)
	require.Contains(t, text, `value="note,colour"`, "the page would forget them when the file is checked again")

	status, text = json(path+"/start", `{"account": "`+m.Account+`", "canary_row": 2}`)
	require.Equal(t, http.StatusUnprocessableEntity, status, "a slip of the pen starts no whole file: %s", text)
	for _, more := range []string{"}", "]", "{}", " x"} {
		status, text = json(path+"/start", `{"account": "`+m.Account+`"}`+more)
		require.Equal(t, http.StatusBadRequest, status, "%s: %s", more, text)
	}
	status, text = json(path+"/start", `{"account": "`+m.Account+`", "canary_rows": 2}`)
	require.Equal(t, http.StatusOK, status, text)
	require.EqualValues(t, 2, decode[read](t, text).Canary)
	m = v.until(m.ID, store.CanaryDone)
	require.EqualValues(t, 2, m.Summary.Scheduled)

	for _, sure := range []string{"false", "no", "0", "off", "maybe"} {
		status, text = json(path+"/cancel", `{"sure": "`+sure+`"}`)
		require.Equal(t, http.StatusUnprocessableEntity, status, "%s: %s", sure, text)
		status, text = v.post(path+"/cancel", "sure", sure)
		require.Equal(t, http.StatusUnprocessableEntity, status, "%s: %s", sure, text)
	}
	require.Equal(t, store.CanaryDone, v.until(m.ID, store.CanaryDone).State)
}

// On the page, a mark that is taken away starts the whole file, whatever number stands beside it.
func TestThePageStartsAllRowsWithoutTheMark(t *testing.T) {
	r := open(t, nil)
	v := r.enter()
	m := v.upload("basic.csv")
	_, text := v.browser().get("/moves/" + m.ID)
	require.Contains(t, text, `<input type="hidden" name="canary" value="no">`)
	status, text := v.post("/moves/"+m.ID+"/start", "account", m.Account, "canary", "no", "canary_rows", "3")
	require.Equal(t, http.StatusOK, status, text)
	require.EqualValues(t, 12, v.until(m.ID, store.Scheduled).Summary.Scheduled)
}

// What is no text is refused everywhere, before a database is asked that would not take it; and other methods are, in the same
// form as everything else.
func TestWhatIsNoTextIsRefused(t *testing.T) {
	r := open(t, nil)
	v := r.enter()
	m := v.upload("basic.csv")
	v.api = nil
	for _, path := range []string{"/moves?account=%00", "/moves?before=%ff", "/moves/%00", "/moves/%ff", "/audit?move=%00", "/moves/" + m.ID + "/files/%00", "/moves/" + m.ID + "/rows?state=%ff"} {
		status, text := v.get(path)
		require.Equal(t, http.StatusBadRequest, status, "%s: %s", path, text)
		require.Contains(t, text, `"code":"text"`)
	}
	status, text := v.post("/moves/%00/start")
	require.Equal(t, http.StatusBadRequest, status, text)
	_, text = v.get("/audit")
	require.Contains(t, text, "start refused")
	for _, fields := range [][]string{{"from", "\x00", "artifact", "mended.csv"}, {"text", "customer", "sheet", "\xff"}, {"text", "customer", "nmae", "a"}} {
		status, text = v.post("/moves", fields...)
		require.Equal(t, http.StatusUnprocessableEntity, status, text)
	}
	for _, method := range []string{"PATCH", "DELETE", "OPTIONS", "TRACE"} {
		resp, text := v.do(method, "/moves", "", nil)
		require.Equal(t, http.StatusMethodNotAllowed, resp.StatusCode)
		require.Contains(t, text, `"code":"method"`)
		require.NotEmpty(t, resp.Header.Get("Allow"))
	}
}

// The name of a pasted text, and of a file, is shown on every page: it is a name, and looks like what it is.
func TestNamesOfFiles(t *testing.T) {
	r := open(t, nil)
	v := r.enter()
	for sent, shown := range map[string]string{
		"../../etc/x.csv": "x.csv", `C:\subs\a.csv`: "a.csv", "a\nb.csv": "a�b.csv", "gpj\u202evsc.csv": "gpj�vsc.csv", "a\x00b.csv": "", "": "pasted.csv",
		strings.Repeat("é", 500) + ".csv": strings.Repeat("é", 125) + ".csv",
	} {
		status, text := v.post("/moves", "text", "customer,price\ncus_1,p", "name", sent)
		if shown == "" {
			require.Equal(t, http.StatusUnprocessableEntity, status, text)
			continue
		}
		require.Equal(t, http.StatusCreated, status, text)
		got := decode[struct {
			File    string
			Sandbox bool
		}](t, text)
		require.Equal(t, shown, got.File)
		require.True(t, got.Sandbox, "as every later answer says")
	}
	_, text := v.get("/audit")
	require.Contains(t, text, `"amount_unit":"unstated"`, "the log says how a file was to be read")
}

// One file that was uploaded and started twice is one migration, and the second one says where it is.
func TestTheSameFileStartedTwice(t *testing.T) {
	r := open(t, nil)
	v := r.enter()
	first, second := v.upload("ad-hoc.csv", "amount_unit", "minor"), v.upload("ad-hoc.csv", "amount_unit", "major")
	third := v.upload("ad-hoc.csv", "amount_unit", "minor")
	status, text := v.post("/moves/"+first.ID+"/start", "account", first.Account, "canary", "yes", "canary_rows", "2")
	require.Equal(t, http.StatusOK, status, text)
	v.until(first.ID, store.CanaryDone)
	for _, m := range []move{second, third} {
		status, text = v.post("/moves/"+m.ID+"/start", "account", first.Account)
		require.Equal(t, http.StatusOK, status, text)
	}
	require.Equal(t, "other_options", v.until(second.ID, store.Invalid, store.Scheduled).Review.RefusedCode)
	third = v.until(third.ID, store.Invalid, store.Scheduled)
	require.Equal(t, "started_before", third.Review.RefusedCode)
	require.Contains(t, third.Review.Refused, first.ID)
	require.EqualValues(t, 2, v.until(first.ID, store.CanaryDone).Summary.Scheduled, "nobody has gone on with it")

	status, text = v.post("/moves/"+first.ID+"/cancel", "sure", "yes")
	require.Equal(t, http.StatusOK, status, text)
	v.until(first.ID, store.Canceled)
	status, text = v.post("/moves/" + second.ID + "/again")
	require.Equal(t, http.StatusOK, status, text)
	v.until(second.ID, store.Reviewed)
	status, text = v.post("/moves/"+second.ID+"/start", "account", first.Account)
	require.Equal(t, http.StatusOK, status, text)
	require.EqualValues(t, 6, v.until(second.ID, store.Scheduled).Summary.Scheduled, "what was canceled may be started in another way")
}

// A sheet was named, and the file is no workbook: that is said at once.
func TestASheetOfATextFile(t *testing.T) {
	r := open(t, nil)
	v := r.enter()
	status, text := v.post("/moves", "text", "customer,price\ncus_1,p", "sheet", "Gold")
	require.Equal(t, http.StatusCreated, status, text)
	id := decode[move](t, text).ID
	require.Eventually(t, func() bool {
		_, text = v.get("/moves/" + id)
		return decode[move](t, text).State == store.Failed
	}, 20*time.Second, 50*time.Millisecond, text)
	require.Contains(t, decode[move](t, text).Error, "leave the name of the sheet out")
}

package plan_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/plan"
)

// TestAnyChangeOfAPlanFileIsRefused changes each value of a plan file, one at a time.
func TestAnyChangeOfAPlanFileIsRefused(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "plan.golden.json"))
	require.NoError(t, err)
	var document any
	require.NoError(t, json.Unmarshal(text, &document))
	changed := 0
	changeEach(document, "", func(place string) {
		edited, err := json.Marshal(document)
		require.NoError(t, err)
		_, err = plan.Read(bytes.NewReader(edited))
		switch place {
		case ".kind":
			require.ErrorIs(t, err, plan.ErrNoPlan)
		case ".version":
			require.ErrorAs(t, err, new(*plan.VersionError))
		default:
			require.ErrorIs(t, err, plan.ErrPlanEdited, place)
		}
		changed++
	})
	require.Greater(t, changed, 100)

	untouched, err := json.Marshal(document)
	require.NoError(t, err)
	_, err = plan.Read(bytes.NewReader(untouched))
	require.NoError(t, err, "the order of the keys and the white space mean nothing")
}

// changeEach calls visit with each value of the document changed, and puts it back.
func changeEach(node any, place string, visit func(string)) {
	switch node := node.(type) {
	case map[string]any:
		for key, was := range node {
			at := place + "." + key
			if other, leaf := another(was); leaf {
				node[key] = other
				visit(at)
				node[key] = was
			}
			changeEach(was, at, visit)
		}
	case []any:
		for i, was := range node {
			at := fmt.Sprintf("%s[%d]", place, i)
			if other, leaf := another(was); leaf {
				node[i] = other
				visit(at)
				node[i] = was
			}
			changeEach(was, at, visit)
		}
	}
}

// TestAnyLackInAPlanFileIsRefused leaves out each field and each entry of a list, one at a time.
func TestAnyLackInAPlanFileIsRefused(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "plan.golden.json"))
	require.NoError(t, err)
	var document any
	require.NoError(t, json.Unmarshal(text, &document))
	lacking := 0
	leaveOutEach(document, "", func(place string) {
		edited, err := json.Marshal(document)
		require.NoError(t, err)
		_, err = plan.Read(bytes.NewReader(edited))
		require.Error(t, err, place)
		lacking++
	})
	require.Greater(t, lacking, 100)
}

// leaveOutEach calls visit with each part of the document left out, and puts it back. What is left out is nothing when
// it is 0 or false.
func leaveOutEach(node any, place string, visit func(string)) {
	switch node := node.(type) {
	case map[string]any:
		for key, was := range node {
			at := place + "." + key
			if was != 0.0 && was != false {
				delete(node, key)
				visit(at)
				node[key] = was
			}
			leaveOutEach(was, at, visit)
			if list, ok := was.([]any); ok && len(list) > 1 {
				node[key] = list[:len(list)-1]
				visit(at + "[last]")
				node[key] = was
			}
		}
	case []any:
		for i, one := range node {
			leaveOutEach(one, fmt.Sprintf("%s[%d]", place, i), visit)
		}
	}
}

// What is added is read by somebody, even if this program reads what stands after it.
func TestAdditionsToAPlanFileAreRefused(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "plan.golden.json"))
	require.NoError(t, err)
	for name, c := range map[string]struct{ before, added string }{
		"the same field before":       {`"created":`, `"created": "2020-01-01T00:00:00Z", `},
		"a field in capitals":         {`"created":`, `"Created": "2020-01-01T00:00:00Z", `},
		"totals before the totals":    {`"totals":`, `"totals": [], `},
		"the same field of an object": {`"lead_seconds":`, `"lead_seconds": 3600, `},
		"a fact twice":                {`"coupon FRIEND":`, `"coupon FRIEND": "100 % off, forever", `},
		"a field of its own":          {`"lead_seconds":`, `"sheet": "", `},
	} {
		edited := bytes.Replace(text, []byte(c.before), []byte(c.added+c.before), 1)
		require.NotEqual(t, text, edited, name)
		_, err := plan.Read(bytes.NewReader(edited))
		require.ErrorIs(t, err, plan.ErrPlanEdited, name)
	}
	_, err = plan.Read(bytes.NewReader(bytes.Replace(text, []byte(`"created":`), []byte(`"note": "", "created":`), 1)))
	require.ErrorIs(t, err, plan.ErrPlanDamaged)
	for _, broken := range [][]byte{append(bytes.Clone(text), "{}"...), text[:len(text)/2], text[:len(text)-3]} {
		_, err = plan.Read(bytes.NewReader(broken))
		require.ErrorIs(t, err, plan.ErrPlanDamaged)
	}
}

// another returns a value of the same kind that is not the same; false for objects and lists.
func another(v any) (any, bool) {
	switch v := v.(type) {
	case string:
		if at, err := time.Parse(time.RFC3339, v); err == nil {
			return at.Add(time.Hour).Format(time.RFC3339), true
		}
		return v + "x", true
	case float64:
		return v + 1, true
	case bool:
		return !v, true
	}
	return nil, false
}

func TestAPlanOfTheFutureIsRefused(t *testing.T) {
	w := newWorld(t, starting(10*days))
	p := w.plan(t, nil)
	p.Created = p.Created.Add(time.Minute)
	_, err := w.apply(t, p)
	require.NoError(t, err, "the clocks of two machines differ a little")
	p.Created = p.Created.Add(time.Hour)
	_, err = w.apply(t, p)
	var future *plan.FutureError
	require.ErrorAs(t, err, &future)
	require.ErrorContains(t, err, "later than now")
}

// Figures that somebody has changed together with the digest are compared with those of the file and the account.
func TestChangedFiguresAreRefused(t *testing.T) {
	for name, change := range map[string]func(*plan.Plan){
		"a total":      func(p *plan.Plan) { p.Totals[0].All.Total++ },
		"what is due":  func(p *plan.Plan) { p.Totals[0].First.AmountDue-- },
		"a day":        func(p *plan.Plan) { p.Days[0].Date = "2030-01-01" },
		"the revenue":  func(p *plan.Plan) { p.Recurring[0].Monthly *= 2 },
		"a strategy":   func(p *plan.Plan) { p.Strategies["trial"]++ },
		"what is open": func(p *plan.Plan) { p.Unknown["metered_usage"]++ },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, starting(10*days))
			p := w.plan(t, nil)
			change(p)
			_, err := w.apply(t, p)
			require.ErrorIs(t, err, plan.ErrPlanEdited)
		})
	}
}

package jobs_test

import (
	"bytes"
	"encoding/json"
	"github.com/subferry/subferry/migrate/verify"
	"github.com/subferry/subferry/validate"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/serve/jobs"
	"github.com/subferry/subferry/migrate/serve/store"
)

func TestFromUploadToCanceled(t *testing.T) {
	onBoth(t, sandbox.Options{}, func(e *testEnv) {
		engine := e.engine(nil)
		m := e.upload(engine, file(100), nil)
		m = e.await(m.ID, store.Reviewed, store.Invalid, store.Failed)
		require.Equal(e, store.Reviewed, m.State, "%s %s", m.Error, m.Review)
		var r jobs.Review
		require.NoError(e, json.Unmarshal(m.Review, &r))
		require.Equal(e, int64(100), r.Ready)
		require.NotEmpty(e, r.Days)
		require.Equal(e, r.PlanDigest, e.planDigest(m.ID))

		e.change(engine, m.ID, func(m *store.Move) { m.Begin(7) })
		m = e.await(m.ID, store.CanaryDone, store.Paused)
		require.Equal(e, store.CanaryDone, m.State, m.Error)
		require.Equal(e, 7, e.scheduled(m.Migration))

		e.change(engine, m.ID, func(m *store.Move) { m.Begin(0) })
		m = e.await(m.ID, store.Scheduled, store.Paused)
		require.Equal(e, store.Scheduled, m.State, m.Error)
		require.Equal(e, 100, e.scheduled(m.Migration))

		e.change(engine, m.ID, func(m *store.Move) { m.State = store.Canceling })
		m = e.await(m.ID, store.Canceled)
		require.Empty(e, m.Error)
		require.Zero(e, e.scheduled(m.Migration))
		log, err := e.store.AuditLog(ctx, store.AuditFilter{Move: m.ID})
		require.NoError(e, err)
		var actions []string
		for _, entry := range log {
			require.Equal(e, store.JobActor, entry.Actor)
			actions = append(actions, entry.Action)
		}
		require.Equal(e, []string{"canceled", "scheduled", "split", "canary done", "split", "begin", "reviewed"}, actions)
	})
}

func (e *testEnv) planDigest(move string) string {
	var p struct {
		Digest string `json:"digest"`
	}
	require.NoError(e, json.Unmarshal(e.artifact(move, jobs.PlanJSON), &p))
	return p.Digest
}

func (e *testEnv) artifact(move, name string) []byte {
	e.Helper()
	_, f, err := e.store.OpenArtifact(ctx, move, name)
	require.NoError(e, err)
	defer f.Close()
	text, err := io.ReadAll(f)
	require.NoError(e, err)
	return text
}

func TestActs(t *testing.T) {
	onBoth(t, sandbox.Options{}, func(e *testEnv) {
		engine := e.engine(nil)
		m := e.upload(engine, file(30), nil)
		m = e.await(m.ID, store.Reviewed)
		early, err := engine.Act(ctx, m.ID, "verify", "ann")
		require.NoError(e, err)
		require.Equal(e, "nothing was run yet: there is nothing to look at", e.ended(early.ID).Error)
		_, err = engine.Act(ctx, m.ID, "delete", "ann")
		require.ErrorContains(e, err, "expected one of")
		e.change(engine, m.ID, func(m *store.Move) { m.Begin(0) })
		m = e.await(m.ID, store.Scheduled)
		for kind, artifacts := range map[string][]string{
			"verify":    {jobs.VerifyJSON, jobs.ReceiptJSON, jobs.ReceiptCSV},
			"who_bills": {jobs.WhoBillsJSON, jobs.WhoBillsCSV},
			"monitor":   {jobs.MonitorJSON, jobs.MonitorCSV, jobs.MonitorHTML},
			"report":    {jobs.ReportCSV},
			"plan":      {jobs.PlanJSON, jobs.ChargesCSV},
		} {
			a, err := engine.Act(ctx, m.ID, kind, "ann")
			require.NoError(e, err)
			a = e.ended(a.ID)
			require.Equal(e, store.ActDone, a.State, "%s: %s", kind, a.Error)
			require.Equal(e, artifacts[0], a.Artifact)
			for _, name := range artifacts {
				require.NotEmpty(e, e.artifact(m.ID, name), name)
			}
		}
		require.Equal(e, 31, bytes.Count(e.artifact(m.ID, jobs.ReportCSV), []byte("\n")))
		var verified verify.Result
		require.NoError(e, json.Unmarshal(e.artifact(m.ID, jobs.VerifyJSON), &verified))
		require.Equal(e, int64(30), verified.Verified)
		_, _, err = e.store.OpenArtifact(ctx, m.ID, jobs.RefusedRowsCSV)
		require.ErrorIs(e, err, store.ErrNotFound)
		require.Equal(e, store.Scheduled, e.await(m.ID, store.Scheduled).State, "acts change nothing")
	})
}

// ended waits until an act has ended.
func (e *testEnv) ended(id string) (a store.Act) {
	e.Helper()
	require.Eventually(e, func() bool {
		var err error
		a, err = e.store.Act(ctx, id)
		require.NoError(e, err)
		return a.State == store.ActDone || a.State == store.ActFailed
	}, time.Minute, 20*time.Millisecond)
	return a
}

// TestAReviewOfAFileWithErrors reviews what a person has to mend, and then leaves it out.
func TestAReviewOfAFileWithErrors(t *testing.T) {
	onBoth(t, sandbox.Options{}, func(e *testEnv) {
		engine := e.engine(nil)
		text := file(5) + "cus_000001, 12x,price_gold,1,old_a\ncus_000002,9999999999999,price_gold,-1,old_000001\n"
		m := e.upload(engine, text, nil)
		m = e.await(m.ID, store.Invalid, store.Reviewed, store.Failed)
		require.Equal(e, store.Invalid, m.State, m.Error)
		r := reviewOf(e, m)
		require.Equal(e, []any{"invalid_rows", int64(7), int64(2)}, []any{r.RefusedCode, r.Rows, r.Invalid})
		require.Equal(e, int64(5), r.Ready)
		require.Positive(e, r.Errors)
		require.Equal(e, validate.Error, r.Findings[0].Severity)
		require.NotEmpty(e, r.Codes[0].Title)
		var found struct{ Rows, Invalid, Valid int }
		require.NoError(e, json.Unmarshal(e.artifact(m.ID, jobs.FindingsJSON), &found))
		require.Equal(e, 5, found.Valid)
		require.Equal(e, 6, bytes.Count(e.artifact(m.ID, jobs.ReadyCSV), []byte("\n")))
		require.Equal(e, 3, bytes.Count(e.artifact(m.ID, jobs.ErrorsCSV), []byte("\n")))

		e.change(engine, m.ID, func(m *store.Move) { m.State, m.Options.SkipInvalid = store.Reviewing, true })
		m = e.await(m.ID, store.Reviewed, store.Invalid, store.Failed)
		require.Equal(e, store.Reviewed, m.State, "%s %s", m.Error, reviewOf(e, m).Refused)
		e.change(engine, m.ID, func(m *store.Move) { m.Begin(0) })
		m = e.await(m.ID, store.Scheduled, store.Paused)
		require.Equal(e, 5, e.scheduled(m.Migration))

		again := e.upload(engine, text, func(m *store.Move) { m.Options.SkipInvalid = true })
		again = e.await(again.ID, store.Invalid, store.Reviewed)
		require.Equal(e, "already_migrated", reviewOf(e, again).RefusedCode, "the same file was migrated before")

		whole := e.upload(engine, "customer,start_date,colour\ncus_1,1,red\n", nil)
		whole = e.await(whole.ID, store.Invalid, store.Reviewed)
		require.Equal(e, "invalid_file", reviewOf(e, whole).RefusedCode)
		require.Contains(e, string(e.artifact(whole.ID, jobs.FindingsCSV)), "colour")
		empty := e.upload(engine, "", nil)
		empty = e.await(empty.ID, store.Invalid, store.Reviewed, store.Failed)
		require.Equal(e, store.Invalid, empty.State, empty.Error)
	})
}

func reviewOf(t require.TestingT, m store.Move) (r jobs.Review) {
	require.NoError(t, json.Unmarshal(m.Review, &r))
	return r
}

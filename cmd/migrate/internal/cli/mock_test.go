package cli

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	mockdata "github.com/stripe/stripe-mock/embedded"
	"github.com/stripe/stripe-mock/server"
)

// stripeMock serves stripe-mock, which refuses every request that is not of the API it describes.
func stripeMock(t *testing.T) string {
	description, err := server.LoadSpec(mockdata.OpenAPISpec, "")
	require.NoError(t, err)
	fixtures, err := server.LoadFixtures(mockdata.OpenAPIFixtures, "")
	require.NoError(t, err)
	stub, err := server.NewStubServer(fixtures, description, true, false)
	require.NoError(t, err)
	s := httptest.NewServer(http.HandlerFunc(stub.HandleRequest))
	t.Cleanup(s.Close)
	return s.URL
}

func TestARunAgainstStripeMock(t *testing.T) {
	base, dir := stripeMock(t), t.TempDir()
	key := map[string]string{keyVariable: "sk_test_123"}
	run := []string{"run", "--sandbox", "--api-base", base, "--state", dir, "--amount-unit", "minor", "../../../../examples/ad-hoc.csv"}

	_, said, code := runHere(t, "", key, run...)
	require.Equal(t, ExitRefused, code)
	require.Contains(t, said, "Stripe's test mode: no money moves, at "+base)
	require.Contains(t, said, "Start? Type yes: ")
	require.Contains(t, said, "in scripts say --yes")

	stdout, said, code := runHere(t, "yes\n", key, append(run, "-o", "json")...)
	require.Equal(t, ExitDone, code, said)
	var done outcome
	require.NoError(t, json.Unmarshal([]byte(stdout), &done))
	require.EqualValues(t, 6, done.Scheduled)
	require.Contains(t, said, "Start? Type yes: ")
}

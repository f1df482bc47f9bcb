package webhooks_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/serve/webhooks"
)

// FuzzRead: whatever a body is, reading it ends, and an event has what the store needs.
func FuzzRead(f *testing.F) {
	f.Add([]byte(body("evt_1", "")))
	f.Add([]byte(`{"id": "evt_2", "object": "v2.core.event", "type": "x", "created": "2027-03-01T09:00:00.123Z", "livemode": true, "context": "acct_mine"}`))
	for _, event := range sourceEvents() {
		f.Add([]byte(event))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := webhooks.Read(raw)
		if err == nil {
			require.NotEmpty(t, e.ID)
			require.NotEmpty(t, e.Type)
			require.False(t, e.Created.IsBlank())
		}
	})
}

// FuzzVerify: without the secret nothing holds, whatever the header is.
func FuzzVerify(f *testing.F) {
	one := body("evt_1", "")
	f.Add(one, sign(one, today, "whsec_other"))
	f.Add(one, "t=1,v1=00")
	f.Add("", ",,,=,t=")
	f.Fuzz(func(t *testing.T, payload, header string) {
		require.ErrorIs(t, webhooks.Verify([]byte(payload), header, []string{secret, ""}, today), webhooks.ErrSignature)
		require.NoError(t, webhooks.Verify([]byte(payload), sign(payload, today, secret), []string{newer, secret}, today))
	})
}

// TestNoSecretSignsNothing: whoever signs with an empty secret is nobody.
func TestNoSecretSignsNothing(t *testing.T) {
	for _, secrets := range [][]string{nil, {""}, {"", ""}} {
		require.ErrorIs(t, webhooks.Verify([]byte("{}"), sign("{}", today, ""), secrets, today), webhooks.ErrSignature)
	}
}

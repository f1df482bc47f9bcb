package app

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76/webhook"

	"github.com/subferry/subferry/migrate/serve/access"
	"github.com/subferry/subferry/migrate/serve/store"
)

const (
	oldSecret = "absec_0123456789abcdef0123"
	newSecret = "absec_fedcba9876543210fedc"
)

// sign signs as Stripe does, with one signature for each secret.
func sign(body string, at time.Time, secrets ...string) string {
	header := fmt.Sprintf("t=%d", at.Unix())
	for _, secret := range secrets {
		signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: []byte(body), Secret: secret, Timestamp: at})
		_, v1, _ := strings.Cut(signed.Header, ",")
		header += "," + v1
	}
	return header
}

func TestSecretsAreReadAndNeverRepeated(t *testing.T) {
	for text, want := range map[string]int{oldSecret: 1, oldSecret + "\n": 1, oldSecret + "\n" + newSecret + "\r\n": 2} {
		found, err := Secrets(text)
		require.NoError(t, err)
		require.Len(t, found, want)
	}
	for _, text := range []string{"", "\n", "sk_live_aSecretKeyOfSomebody", "whsec_0123456789abcdef0123", "absec_short", strings.Repeat(oldSecret+"\n", 3)} {
		_, err := Secrets(text)
		require.Error(t, err)
		if text = strings.TrimSpace(text); text != "" {
			require.NotContains(t, err.Error(), text)
			require.NotContains(t, err.Error(), "aSecretKey")
		}
	}
}

// A reader that is more lenient than the one who signs reads something that nobody has signed.
func TestBodiesThatAreReadInOneWayOnly(t *testing.T) {
	const rest = `"livemode":false,"nonce":"0123456789abcdef","user_id":"usr_1","account_id":"acct_1"`
	s, err := decode([]byte(`{"action":"cancel","migration":"mov_1","sha256":"ab",`+rest+`}`), nil)
	require.NoError(t, err)
	require.Equal(t, signed{Action: "cancel", Move: "mov_1", SHA256: "ab", Nonce: "0123456789abcdef", User: "usr_1", Account: "acct_1"}, s)

	for name, body := range map[string]string{
		"a key twice":          `{"action":"cancel","action":"list",` + rest + `}`,
		"the account twice":    `{"account_id":"acct_2","action":"list",` + rest + `}`,
		"another case":         `{"Account_ID":"acct_2","action":"list",` + rest + `}`,
		"an escaped key":       `{"account\u005fid":"acct_2","action":"list",` + rest + `}`,
		"an unknown key":       `{"actions":"list",` + rest + `}`,
		"an array":             `[{"action":"list",` + rest + `}]`,
		"something behind":     `{"action":"list",` + rest + `}{}`,
		"cut off":              `{"action":"list",` + rest,
		"nothing":              ``,
		"a number":             `{"action":1,` + rest + `}`,
		"nested":               `{"action":{"a":"list"},` + rest + `}`,
		"null":                 `{"action":"list",` + strings.Replace(rest, "false", "null", 1) + `}`,
		"a text for the mode":  `{"action":"list",` + strings.Replace(rest, "false", `"false"`, 1) + `}`,
		"no mode":              `{"action":"list",` + strings.Replace(rest, `"livemode":false,`, "", 1) + `}`,
		"no nonce":             `{"action":"list",` + strings.Replace(rest, "0123456789abcdef", "", 1) + `}`,
		"no account":           `{"action":"list",` + strings.Replace(rest, "acct_1", "", 1) + `}`,
		"no user":              `{"action":"list",` + strings.Replace(rest, "usr_1", "", 1) + `}`,
		"an account of others": `{"action":"list",` + strings.Replace(rest, "acct_1", "acct_1' OR 1=1", 1) + `}`,
		"roles that are text":  `{"action":"list","stripe_roles":"admin",` + rest + `}`,
	} {
		_, err := decode([]byte(body), nil)
		require.Error(t, err, name)
	}

	roles := map[string]access.Role{"admin": access.Operator, "developer": access.Viewer}
	for list, want := range map[string]access.Role{
		`[{"type":"builtIn","id":"admin","name":"Administrator"}]`:                            access.Operator,
		`[{"type":"builtIn","id":"developer","name":"x"},{"type":"builtIn","id":"admin"}]`:    access.Operator,
		`[{"type":"custom","id":"admin","name":"admin"}]`:                                     access.Nobody,
		`[{"id":"admin","name":"admin"}]`:                                                     access.Nobody,
		`[{"type":"builtIn","id":"super_admin","name":"admin"}]`:                              access.Nobody,
		`[{"type":"builtIn","name":"admin"}]`:                                                 access.Nobody,
		`[]`:                                                                                  access.Nobody,
		`[{"type":"custom","id":"x"},{"type":"builtIn","id":"developer","name":"Developer"}]`: access.Viewer,
	} {
		s, err := decode([]byte(`{"action":"list","stripe_roles":`+list+`,`+rest+`}`), roles)
		require.NoError(t, err)
		require.Equal(t, want, s.Roles, list)
	}
}

// Nothing that somebody may sign panics, and what is read has what every act relies on.
func FuzzDecode(f *testing.F) {
	f.Add(`{"action":"cancel","migration":"mov_1","sha256":"ab","livemode":false,"nonce":"0123456789abcdef","user_id":"usr_1","account_id":"acct_1"}`)
	f.Add(`{"stripe_roles":[{"type":"builtIn","id":"admin"}],"livemode":true,"livemode":false}`)
	f.Add(`{"user_id":null,"account_id":[]}{`)
	f.Fuzz(func(t *testing.T, body string) {
		s, err := decode([]byte(body), map[string]access.Role{"admin": access.Operator})
		if err == nil && (!store.IsAccount(s.Account) || !isUser.MatchString(s.User) || !isNonce.MatchString(s.Nonce) || strings.Count(body, "{") == 0) {
			t.Errorf("%q was read as %+v", body, s)
		}
	})
}

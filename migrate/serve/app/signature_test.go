package app

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76/webhook"

	"github.com/subferry/subferry/migrate/serve/access"
)

const (
	oldSecret = "absec_0123456789abcdef0123"
	newSecret = "absec_fedcba9876543210fedc"
)

var moment = time.Unix(1_800_000_000, 0)

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

func TestSignatures(t *testing.T) {
	const body = `{"action":"list"}`
	good := sign(body, moment, newSecret)
	_, v1, _ := strings.Cut(good, ",")
	old := []string{newSecret, oldSecret}
	for name, test := range map[string]struct {
		body, header string
		secrets      []string
		now          time.Time
		want         error
	}{
		"good":                                {body, good, []string{newSecret}, moment, nil},
		"rotation: made with the old secret":  {body, sign(body, moment, oldSecret), old, moment, nil},
		"rotation: made with the new secret":  {body, good, old, moment, nil},
		"rotation: made with both":            {body, sign(body, moment, oldSecret, newSecret), []string{newSecret}, moment, nil},
		"a secret that is over":               {body, sign(body, moment, oldSecret), []string{newSecret}, moment, errForged},
		"spaces in the header":                {body, strings.ReplaceAll(good, ",", ", "), []string{newSecret}, moment, nil},
		"an unknown scheme beside it":         {body, good + ",v0=00", []string{newSecret}, moment, nil},
		"five minutes old":                    {body, good, []string{newSecret}, moment.Add(Window), nil},
		"a second more":                       {body, good, []string{newSecret}, moment.Add(Window + time.Second), errTooOld},
		"five minutes in the future":          {body, good, []string{newSecret}, moment.Add(-Window), nil},
		"a second further":                    {body, good, []string{newSecret}, moment.Add(-Window - time.Second), errTooEarly},
		"ten years in the future":             {body, good, []string{newSecret}, moment.AddDate(-10, 0, 0), errTooEarly},
		"another body":                        {body + " ", good, []string{newSecret}, moment, errForged},
		"no body":                             {"", good, []string{newSecret}, moment, errForged},
		"another moment":                      {body, strings.Replace(good, "1800000000", "1800000001", 1), []string{newSecret}, moment, errForged},
		"another writing of the moment":       {body, strings.Replace(good, "1800000000", "01800000000", 1), []string{newSecret}, moment, errForged},
		"no header":                           {body, "", []string{newSecret}, moment, errUnsigned},
		"no moment":                           {body, v1, []string{newSecret}, moment, errUnsigned},
		"two moments":                         {body, good + ",t=1", []string{newSecret}, moment, errUnsigned},
		"a negative moment":                   {body, "t=-1," + v1, []string{newSecret}, moment, errUnsigned},
		"a moment out of range":               {body, "t=99999999999999999999," + v1, []string{newSecret}, moment, errUnsigned},
		"no signature":                        {body, "t=1800000000", []string{newSecret}, moment, errUnsigned},
		"an empty signature":                  {body, "t=1800000000,v1=", []string{newSecret}, moment, errForged},
		"half a signature":                    {body, good[:len(good)-32], []string{newSecret}, moment, errForged},
		"v0 only":                             {body, strings.Replace(good, "v1=", "v0=", 1), []string{newSecret}, moment, errUnsigned},
		"no hexadecimal digits":               {body, "t=1800000000,v1=zz", []string{newSecret}, moment, errUnsigned},
		"a header without end":                {body, good + strings.Repeat(",v1=00", 1000), []string{newSecret}, moment, errUnsigned},
		"no secret at all":                    {body, good, nil, moment, errNoSecrets},
		"an empty secret is none of Stripe's": {body, good, []string{""}, moment, errForged},
	} {
		at, err := verify([]byte(test.body), test.header, test.secrets, test.now)
		require.ErrorIs(t, err, test.want, name)
		if test.want == nil {
			require.Equal(t, moment, at, name)
		}
	}
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

// What is accepted here, Stripe's own library accepts too.
func FuzzVerify(f *testing.F) {
	const body = `{"action":"list"}`
	f.Add(sign(body, moment, newSecret), body)
	f.Add(sign(body, moment, oldSecret, newSecret), body)
	f.Add("t=1800000000,v1=", body)
	f.Add(sign(body, moment, newSecret)+",t=2,v1=00,,=,v1", body)
	f.Fuzz(func(t *testing.T, header, body string) {
		if _, err := verify([]byte(body), header, []string{newSecret}, moment); err == nil {
			if err := webhook.ValidatePayloadIgnoringTolerance([]byte(body), header, newSecret); err != nil && !strings.Contains(header, " ") {
				t.Errorf("%q: %v", header, err)
			}
		}
		_, _ = decode([]byte(body), nil) // and nothing panics
	})
}

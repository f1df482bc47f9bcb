package gateway_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
)

// secretPart is enough of the key to recognise it by.
const secretPart = "TopSecret"

// TestSecretIsNeverPrinted: no verb, encoder or printer brings the key out of anything exported.
func TestSecretIsNeverPrinted(t *testing.T) {
	key, err := gateway.NewKey(testSecret)
	require.NoError(t, err)
	cfg := gateway.Config{Key: key, BaseURL: "http://127.0.0.1:1"}
	g, err := gateway.New(cfg)
	require.NoError(t, err)
	type holder struct {
		hidden  gateway.Key
		Shown   gateway.Key
		gateway *gateway.Gateway
	}
	for name, value := range map[string]any{
		"key": key, "pointer to a key": &key, "config": cfg, "pointer to a config": &cfg, "gateway": g, "gateway as a value": *g,
		"struct": holder{key, key, g}, "pointer to a struct": &holder{key, key, g}, "slice": []gateway.Key{key}, "map": map[string]gateway.Key{"k": key},
	} {
		t.Run(name, func(t *testing.T) {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%f", "%c", "%U", "%p", "%w", "%T", "%!", "%10.3v"} {
				require.NotContains(t, fmt.Sprintf(verb, value), secretPart, verb)
			}
			if text, err := json.Marshal(value); err == nil {
				require.NotContains(t, string(text), secretPart)
			}
			require.NotContains(t, logged(value), secretPart)
			require.NotContains(t, diffOf(value), secretPart)
		})
	}
	require.Equal(t, "sk_test_…", key.String())
	require.Equal(t, "sk_test_…", fmt.Sprintf("%d", key))
	require.Equal(t, "no key", gateway.Key{}.String())
}

// logged returns what slog's own handlers make of a value.
func logged(value any) string {
	var b bytes.Buffer
	slog.New(slog.NewJSONHandler(&b, nil)).Info("value", "value", value)
	slog.New(slog.NewTextHandler(&b, nil)).Info("value", "value", value)
	return b.String()
}

// diffOf returns what testify prints of a value, which follows unexported fields and pointers.
func diffOf(value any) string {
	var b messages
	assert.Equal(&b, "something else", value)
	assert.Nil(&b, value)
	return b.String()
}

type messages struct{ bytes.Buffer }

func (m *messages) Errorf(format string, args ...any) { fmt.Fprintf(m, format, args...) }

// TestSecretStaysOutOfErrorsAndLogs: also when a server repeats the request's header in its answer.
func TestSecretStaysOutOfErrorsAndLogs(t *testing.T) {
	echo := func(status int, format string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Request-Id", "req_1")
			w.WriteHeader(status)
			_, _ = fmt.Fprintf(w, format, r.Header.Get("Authorization"))
		}
	}
	for name, handler := range map[string]http.HandlerFunc{
		"message":         echo(401, `{"error": {"message": "Invalid authorization (Authorization was %q)", "type": "invalid_request_error"}}`),
		"HTML":            echo(502, `<html>%s</html>`),
		"JSON":            echo(400, `{"authorization": %q}`),
		"success":         echo(200, `{"authorization": %q}`),
		"success in HTML": echo(200, `<html>%s</html>`),
		"lost":            func(w http.ResponseWriter, _ *http.Request) { hijack(t, w, "") },
		"broken answer":   func(w http.ResponseWriter, r *http.Request) { hijack(t, w, r.Header.Get("Authorization")) },
		"broken header": func(w http.ResponseWriter, r *http.Request) {
			hijack(t, w, "HTTP/1.1 200 OK\r\n"+r.Header.Get("Authorization")+"\r\n\r\n")
		},
		"broken status": func(w http.ResponseWriter, r *http.Request) {
			hijack(t, w, "HTTP/1.1 "+r.Header.Get("Authorization")+"\r\n\r\n")
		},
		"code, param, IDs": echo(400, `{"error": {"message": "no", "code": "%[1]s", "param": "%[1]s", "type": "%[1]s"}}`),
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			server := httpServer(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				handler(w, r)
			})
			logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			g := newGateway(t, gateway.Config{BaseURL: server, HTTP: &http.Transport{}, Logger: logger})
			failed := create(t, t.Context(), g)
			for _, text := range []string{
				failed.Error(), fmt.Sprintf("%v %+v %#v %q", failed, failed, failed, failed), fmt.Sprintf("%+v", *failed),
				fmt.Sprint(failed.Err), logged(failed), migrate.Advice(failed),
			} {
				require.NotContains(t, text, secretPart)
			}
			require.NotEmpty(t, log.String())
			require.NotContains(t, log.String(), secretPart)
		})
	}
}

// TestLogHasNoPersonalData: IDs and numbers only, at whatever level.
func TestLogHasNoPersonalData(t *testing.T) {
	var log bytes.Buffer
	g := newGateway(t, gateway.Config{
		HTTP:   stripeMock(t),
		Logger: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug - 10})),
	})
	readAndCancel(t, g)
	var line map[string]any
	for dec := json.NewDecoder(&log); dec.More(); {
		require.NoError(t, dec.Decode(&line))
		require.ElementsMatch(t, []string{"time", "level", "msg", "method", "path", "status", "took", "request_id"}, keysOf(line))
		require.Equal(t, "req_123", line["request_id"])
	}
	require.NotEmpty(t, line)
}

func keysOf(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	return keys
}

func TestNewKey(t *testing.T) {
	for secret, live := range map[string]bool{"sk_test_123": false, "rk_test_123": false, "sk_live_123": true, "rk_live_123": true} {
		key, err := gateway.NewKey(secret)
		require.NoError(t, err)
		require.Equal(t, live, key.Livemode(), secret)
		require.Equal(t, secret[:8]+"…", key.String())
	}
	for secret, want := range map[string]error{
		"": gateway.ErrNoKey, "pk_test_TopSecret": gateway.ErrPublishableKey, "TopSecret": gateway.ErrMalformedKey,
		"sk_test_": gateway.ErrMalformedKey, "sk_test_TopSecret\n": gateway.ErrMalformedKey, " sk_test_TopSecret": gateway.ErrMalformedKey,
		"sk_test_Töp": gateway.ErrMalformedKey, "sk_prod_TopSecret": gateway.ErrMalformedKey,
	} {
		_, err := gateway.NewKey(secret)
		require.ErrorIs(t, err, want, "%q", secret)
		require.NotContains(t, err.Error(), secretPart)
	}
}

func TestNewChecksTheBaseURL(t *testing.T) {
	key, err := gateway.NewKey(testSecret)
	require.NoError(t, err)
	for _, good := range []string{
		"", "https://api.stripe.com", "https://api.stripe.com/", "http://127.0.0.1:12111", "http://localhost:1", "http://[::1]:12111", "https://proxy.example:8443",
	} {
		_, err := gateway.New(gateway.Config{Key: key, BaseURL: good})
		require.NoError(t, err, good)
	}
	for bad, reason := range map[string]string{
		"http://api.stripe.com":           "unencrypted",
		"http://127.0.0.1.example.com":    "unencrypted",
		"http://10.0.0.1":                 "unencrypted",
		"https://api.stripe.com/v1":       "without /v1",
		"https://api.stripe.com/?a=b":     "without /v1",
		"https://user:TopSecret@host":     "user name or password",
		"ftp://127.0.0.1":                 "not an http",
		"127.0.0.1:12111":                 "cannot be read",
		"api.stripe.com":                  "not an http",
		"https://":                        "not an http",
		"http://127.0.0.1:12111\n":        "cannot be read",
		"https://api.stripe.com/%zz":      "cannot be read",
		"https://user:TopSecret@host/%zz": "cannot be read",
	} {
		_, err := gateway.New(gateway.Config{Key: key, BaseURL: bad})
		var refused *gateway.BaseURLError
		require.ErrorAs(t, err, &refused, bad)
		require.ErrorContains(t, err, reason, bad)
		require.NotContains(t, err.Error(), secretPart)
	}
	_, err = gateway.New(gateway.Config{})
	require.ErrorIs(t, err, gateway.ErrNoKey)
}

package examples_test

import (
	"bytes"
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

// manifest is the part of stripe-app.json that the files beside it have to fit.
type manifest struct {
	ID          string   `json:"id"`
	Icon        string   `json:"icon"`
	Redirects   []string `json:"allowed_redirect_uris"`
	UIExtension struct {
		Views []struct{ Viewport, Component string }
	} `json:"ui_extension"`
}

func TestTheStripeAppsManifest(t *testing.T) {
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	rules, err := compiler.Compile(filepath.Join("stripe-app", "manifest-rules.json"))
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join("stripe-app", "stripe-app.json"))
	require.NoError(t, err)
	check := func(text string) error {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(text)))
		require.NoError(t, err)
		return rules.Validate(value)
	}
	require.NoError(t, check(string(text)))

	var m manifest
	require.NoError(t, json.Unmarshal(text, &m))
	for _, view := range m.UIExtension.Views {
		_, err := os.Stat(filepath.Join("stripe-app", "src", "views", view.Component+".tsx"))
		require.NoError(t, err, "the component of %s", view.Viewport)
	}
	icon, err := os.Open(filepath.Join("stripe-app", filepath.FromSlash(m.Icon)))
	require.NoError(t, err)
	defer icon.Close()
	size, err := png.DecodeConfig(icon)
	require.NoError(t, err)
	require.Equal(t, [2]int{300, 300}, [2]int{size.Width, size.Height})

	// And the rules refuse what Stripe would refuse.
	for name, change := range map[string]func(m map[string]any){
		"no ID":             func(m map[string]any) { delete(m, "id") },
		"an unknown key":    func(m map[string]any) { m["secret"] = "absec_1" },
		"an icon elsewhere": func(m map[string]any) { m["icon"] = "https://example.com/icon.png" },
		"an unknown viewport": func(m map[string]any) {
			extension(m)["views"].([]any)[0].(map[string]any)["viewport"] = "stripe.dashboard.sub.list"
		},
		"an address in clear":   func(m map[string]any) { policy(m)["connect-src"] = []any{"http://subferry.example.com/app/"} },
		"an address, no path":   func(m map[string]any) { policy(m)["connect-src"] = []any{"https://subferry.example.com"} },
		"no word of the reason": func(m map[string]any) { delete(policy(m), "purpose") },
		"a permission, no why":  func(m map[string]any) { m["permissions"] = []any{map[string]any{"permission": "event_read"}} },
	} {
		var changed map[string]any
		require.NoError(t, json.Unmarshal(text, &changed))
		change(changed)
		other, err := json.Marshal(changed)
		require.NoError(t, err)
		require.Error(t, check(string(other)), name)
	}
}

func extension(m map[string]any) map[string]any { return m["ui_extension"].(map[string]any) }

func policy(m map[string]any) map[string]any {
	return extension(m)["content_security_policy"].(map[string]any)
}

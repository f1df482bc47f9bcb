package app

import (
	"errors"
	"strings"
)

const mostSecrets = 2 // are valid while one is replaced, for 24 hours

// Secrets reads signing secrets from the text of a file or a variable: one in a line, or two while one is replaced. Its
// errors repeat nothing of the text.
func Secrets(text string) ([]string, error) {
	secrets := strings.Fields(text)
	if len(secrets) == 0 {
		return nil, errors.New("the app has no signing secret, absec_…")
	}
	if len(secrets) > mostSecrets {
		return nil, errors.New("there are more than two signing secrets for the app: expected one, or two while one is replaced")
	}
	for _, secret := range secrets {
		if !strings.HasPrefix(secret, "absec_") || len(secret) < 20 {
			return nil, errors.New("a signing secret of the app was expected, absec_… (Stripe shows it with the uploaded app): this is something else")
		}
	}
	return secrets, nil
}

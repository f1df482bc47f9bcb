package webhooks

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76/webhook"
)

// Tolerance is how far the moment of a signature may be from now, in either direction.
const Tolerance = webhook.DefaultTolerance

// ErrSignature is the error of a request that was not signed with one of the secrets, or not just now.
var ErrSignature = errors.New("the signature does not hold")

// Verify makes sure that one of the secrets has signed a payload, just now, as the header Stripe-Signature says:
// t=UNIX,v1=HEX[,v1=HEX…]. It returns an ErrSignature that says why not. While a secret is rotated there are two.
func Verify(payload []byte, header string, secrets []string, now time.Time) error {
	stamp, stamps := "", 0
	for _, pair := range strings.Split(header, ",") {
		if name, value, _ := strings.Cut(pair, "="); name == "t" {
			stamp = value
			stamps++
		}
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	switch {
	case header == "":
		return fmt.Errorf("%w: the header Stripe-Signature is missing", ErrSignature)
	case stamps != 1 || err != nil: // of two, one could be checked here and the other be signed
		return fmt.Errorf("%w: the header Stripe-Signature has to have one t=SECONDS", ErrSignature)
	}
	switch age := now.Sub(time.Unix(seconds, 0)); {
	case age > Tolerance:
		return fmt.Errorf("%w: it was made %s ago, and %s are allowed; if that is not an old request sent again, this machine's clock is ahead", ErrSignature, age.Truncate(time.Second), Tolerance)
	case age < -Tolerance:
		return fmt.Errorf("%w: it was made %s in the future, and %s are allowed: this machine's clock is behind, or the request is forged", ErrSignature, (-age).Truncate(time.Second), Tolerance)
	}
	for _, secret := range secrets {
		if secret == "" {
			continue // anybody can sign with nothing
		}
		// The library's own check of the time knows the past only, and a clock that cannot be handed in.
		if err = webhook.ValidatePayloadIgnoringTolerance(payload, header, secret); err == nil {
			return nil
		}
	}
	if len(secrets) == 0 || err == nil {
		err = errors.New("there is no secret to check it with")
	}
	return fmt.Errorf("%w: %w", ErrSignature, err)
}

package app

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"
)

// Window is how far a signature's moment may lie from now, in the past as in the future.
const Window = 300 * time.Second

const (
	mostSecrets    = 2    // two are valid while one is replaced
	mostSignatures = 16   // Stripe sends one for each valid secret
	longestHeader  = 4096 // bytes
)

// What is wrong with a signature. None of them says which secret, or how much of it, was right.
var (
	errUnsigned  = errors.New("the request has no Stripe-Signature header that can be read: t=…,v1=… was expected")
	errForged    = errors.New("no signature of the request was made with the app's secret")
	errTooOld    = errors.New("the signature is older than five minutes")
	errTooEarly  = errors.New("the signature was made in the future: one of the two clocks is wrong")
	errNoSecrets = errors.New("the app has no signing secret, absec_…")
)

// verify tells when the body was signed with one of the secrets. What is signed is the moment, a point and the body as it came, so
// nothing of the body may be decoded before. A moment that is not signed is not looked at.
func verify(body []byte, header string, secrets []string, now time.Time) (time.Time, error) {
	if len(header) > longestHeader {
		return time.Time{}, errUnsigned
	}
	moment, signatures := "", [][]byte{}
	for part := range strings.SplitSeq(header, ",") {
		scheme, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch scheme {
		case "t":
			if moment != "" { // of two, the other would be the one that somebody has added
				return time.Time{}, errUnsigned
			}
			moment = value
		case "v1":
			if signature, err := hex.DecodeString(value); err == nil && len(signatures) < mostSignatures {
				signatures = append(signatures, signature)
			}
		}
	}
	seconds, err := strconv.ParseInt(moment, 10, 64)
	if err != nil || seconds < 0 || len(signatures) == 0 {
		return time.Time{}, errUnsigned
	}
	good := false
	for _, secret := range secrets {
		sum := hmac.New(sha256.New, []byte(secret))
		sum.Write([]byte(moment + "."))
		sum.Write(body)
		want := sum.Sum(nil)
		for _, signature := range signatures {
			good = hmac.Equal(want, signature) || good
		}
	}
	at := time.Unix(seconds, 0)
	switch {
	case len(secrets) == 0:
		return time.Time{}, errNoSecrets
	case !good:
		return time.Time{}, errForged
	case now.Sub(at) > Window:
		return time.Time{}, errTooOld
	case at.Sub(now) > Window:
		return time.Time{}, errTooEarly
	}
	return at, nil
}

// Secrets reads signing secrets from the text of a file or a variable: one in a line, or two while one is replaced. Its errors repeat
// nothing of the text.
func Secrets(text string) ([]string, error) {
	secrets := strings.Fields(text)
	if len(secrets) == 0 {
		return nil, errNoSecrets
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

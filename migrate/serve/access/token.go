package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"sync"
)

// Token opens the service once. It is printed where only its user sees it, and is worthless afterwards.
type Token struct {
	text string
	mu   sync.Mutex
	used bool
}

// NewToken returns a fresh token.
func NewToken() *Token { return &Token{text: rand.Text()} }

// String returns the token as it is printed.
func (t *Token) String() string { return t.text }

// Use tells whether the text is the token and was not used before. The time it takes tells nothing of how much is right.
func (t *Token) Use(text string) bool {
	want, got := sha256.Sum256([]byte(t.text)), sha256.Sum256([]byte(text))
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.used || subtle.ConstantTimeCompare(want[:], got[:]) != 1 {
		return false
	}
	t.used = true
	return true
}

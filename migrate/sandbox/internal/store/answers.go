package store

import (
	"crypto/sha256"

	"github.com/subferry/subferry/migrate/sandbox/internal/store/disk"
)

// answersKept is how long Stripe promises to remember an idempotency key.
const answersKept = 24 * 60 * 60

// Fingerprint identifies a key or the parameters of a request.
type Fingerprint [16]byte

func FingerprintOf(text string) Fingerprint {
	sum := sha256.Sum256([]byte(text))
	return Fingerprint(sum[:16])
}

// Answer is what a key was answered with. The result is the object as it was then: objects are never changed in place.
type Answer struct {
	Request Fingerprint
	At      int64
	Status  int
	Result  any    // an object, or
	Body    []byte // the answer word for word
	Sent    []byte // the result encoded, until it has been stored
}

// answers is the idempotency memory of the account.
type answers struct {
	byKey   map[Fingerprint]*Answer
	byAge   []Fingerprint
	stored  *disk.Store // holds answers that have not been read; nil when there are none
	decode  func(kind string, body []byte) (any, error)
	dropped int64 // when the store was told to drop old answers
}

func newAnswers() *answers {
	return &answers{byKey: map[Fingerprint]*Answer{}}
}

// Answered returns what a key was answered, nil when nothing was or it is too long ago.
func (s *Store) Answered(key Fingerprint) *Answer {
	s.answers.forget(s.Now())
	return s.answers.find(key, s.Now())
}

func (a *answers) find(key Fingerprint, now int64) *Answer {
	if one := a.byKey[key]; one != nil || a.stored == nil {
		return one
	}
	read := must(a.stored.Answer(key[:]))
	if read == nil || now-read.At >= answersKept {
		return nil
	}
	one := &Answer{Request: Fingerprint(read.Request), At: read.At, Status: int(read.Status), Body: read.Body}
	if read.Kind != "" {
		one.Body, one.Result = nil, must(a.decode(read.Kind, read.Body))
	}
	return one
}

// record returns an answer as the store takes it.
func (a *Answer) record(key Fingerprint) *disk.Answer {
	r := &disk.Answer{Key: key[:], Request: a.Request[:], At: a.At, Status: int64(a.Status), Body: a.Body}
	if a.Result != nil {
		r.Kind, r.ID = Identify(a.Result)
		r.Value, r.JSON = a.Result, a.Sent
	}
	return r
}

// drop returns the time up to which the store is to drop answers, at most once an hour; 0 at other times.
func (a *answers) drop(now int64) int64 {
	if now-a.dropped < 60*60 {
		return 0
	}
	a.dropped = now
	return now - answersKept
}

func (a *answers) store(key Fingerprint, one *Answer) {
	if a.byKey[key] == nil {
		a.byAge = append(a.byAge, key)
	}
	a.byKey[key] = one
}

// forget drops the answers older than a day. A key stored again keeps its place in byAge; its age is checked, so it is
// dropped by a later call.
func (a *answers) forget(now int64) {
	for len(a.byAge) > 0 {
		oldest := a.byKey[a.byAge[0]]
		if oldest != nil && now-oldest.At < answersKept {
			return
		}
		delete(a.byKey, a.byAge[0])
		a.byAge = a.byAge[1:]
	}
}

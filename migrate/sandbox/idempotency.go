package sandbox

import (
	"crypto/sha256"
	"net/http"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/store/disk"
)

// answersKept is how long Stripe promises to remember an idempotency key.
const answersKept = 24 * 60 * 60

// fingerprint identifies a key or the parameters of a request.
type fingerprint [16]byte

func fingerprintOf(text string) fingerprint {
	sum := sha256.Sum256([]byte(text))
	return fingerprint(sum[:16])
}

// answer is what a key was answered with. The result is the object as it was
// then: objects are never changed in place.
type answer struct {
	request fingerprint
	at      int64
	status  int
	result  any    // an object, or
	body    []byte // the answer word for word
	sent    []byte // the result encoded, until it has been stored
}

// answers is the idempotency memory of the account.
type answers struct {
	byKey    map[fingerprint]*answer
	byAge    []fingerprint
	inFlight map[fingerprint]bool
	stored   *disk.Store // holds answers that have not been read; nil when there are none
	decode   func(kind string, body []byte) (any, error)
	dropped  int64 // when the store was told to drop old answers
}

func newAnswers() *answers {
	return &answers{byKey: map[fingerprint]*answer{}, inFlight: map[fingerprint]bool{}}
}

// begin looks a key up: a stored answer, an error, or neither, and then the
// key is in flight until end.
func (a *answers) begin(key, request fingerprint, text string, now int64) (*answer, *apierr.Error) {
	a.forget(now)
	if a.inFlight[key] {
		return nil, &apierr.Error{Status: http.StatusConflict, Type: apierr.TypeInvalidRequest, Code: "idempotency_key_in_use",
			Message: "There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): " + text + ". Try again later."}
	}
	stored := a.find(key, now)
	switch {
	case stored == nil:
		a.inFlight[key] = true
		return nil, nil
	case stored.request != request:
		return nil, &apierr.Error{Status: http.StatusBadRequest, Type: apierr.TypeIdempotency,
			Message: "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '" + text + "' if you meant to execute a different request."}
	}
	return stored, nil
}

// find returns what a key was answered, nil when nothing was or it is too long ago.
func (a *answers) find(key fingerprint, now int64) *answer {
	if one := a.byKey[key]; one != nil || a.stored == nil {
		return one
	}
	read := must(a.stored.Answer(key[:]))
	if read == nil || now-read.At >= answersKept {
		return nil
	}
	one := &answer{request: fingerprint(read.Request), at: read.At, status: int(read.Status), body: read.Body}
	if read.Kind != "" {
		one.body, one.result = nil, must(a.decode(read.Kind, read.Body))
	}
	return one
}

// record returns an answer as the store takes it.
func (a *answer) record(key fingerprint) *disk.Answer {
	r := &disk.Answer{Key: key[:], Request: a.request[:], At: a.at, Status: int64(a.status), Body: a.body}
	if a.result != nil {
		r.Kind, r.ID = identify(a.result)
		r.Value, r.JSON = a.result, a.sent
	}
	return r
}

// drop returns the time up to which the store is to drop answers, at most once
// an hour; 0 at other times.
func (a *answers) drop(now int64) int64 {
	if now-a.dropped < 60*60 {
		return 0
	}
	a.dropped = now
	return now - answersKept
}

func (a *answers) end(key fingerprint) { delete(a.inFlight, key) }

func (a *answers) store(key fingerprint, one *answer) {
	if a.byKey[key] == nil {
		a.byAge = append(a.byAge, key)
	}
	a.byKey[key] = one
}

// forget drops the answers older than a day. A key stored again keeps its
// place in byAge; its age is checked, so it is dropped by a later call.
func (a *answers) forget(now int64) {
	for len(a.byAge) > 0 {
		oldest := a.byKey[a.byAge[0]]
		if oldest != nil && now-oldest.at < answersKept {
			return
		}
		delete(a.byKey, a.byAge[0])
		a.byAge = a.byAge[1:]
	}
}

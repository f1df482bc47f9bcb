package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"github.com/subferry/subferry/migrate/sandbox/apierr"
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
}

// answerRecord is an answer in the journal. Kind and ID refer to an object in
// the same line, whose text is therefore not written twice.
type answerRecord struct {
	Key     string `json:"key"`
	Request string `json:"request"`
	At      int64  `json:"at"`
	Status  int    `json:"status"`
	Kind    string `json:"kind,omitempty"`
	ID      string `json:"id,omitempty"`
	Body    []byte `json:"body,omitempty"`
}

// answers is the idempotency memory of the account.
type answers struct {
	byKey    map[fingerprint]*answer
	byAge    []fingerprint
	inFlight map[fingerprint]bool
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
	stored := a.byKey[key]
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

// record returns an answer for the journal; the result's object, when there
// is one, stands in the same line.
func (a *answer) record(key fingerprint) *answerRecord {
	r := &answerRecord{
		Key:     hex.EncodeToString(key[:]),
		Request: hex.EncodeToString(a.request[:]),
		At:      a.at,
		Status:  a.status,
		Body:    a.body,
	}
	if a.result != nil {
		r.Kind, r.ID = identify(a.result)
	}
	return r
}

// restore puts an answer read from the journal back.
func (a *answers) restore(r *record) error {
	if r.Answer == nil {
		return nil
	}
	var key, request fingerprint
	if _, err := hex.Decode(key[:], []byte(r.Answer.Key)); err != nil {
		return err
	}
	if _, err := hex.Decode(request[:], []byte(r.Answer.Request)); err != nil {
		return err
	}
	one := &answer{request: request, at: r.Answer.At, status: r.Answer.Status, body: r.Answer.Body}
	if r.Answer.ID != "" {
		one.result = r.find(r.Answer.Kind, r.Answer.ID)
	}
	a.store(key, one)
	return nil
}

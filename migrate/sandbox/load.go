package sandbox

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// accountFile is the format of Load.
type accountFile struct {
	Account struct {
		ID string `json:"id"`
	} `json:"account"`
	TaxSettings struct {
		Defaults struct {
			TaxBehavior string `json:"tax_behavior"`
			TaxCode     string `json:"tax_code"`
		} `json:"defaults"`
	} `json:"tax_settings"`
	Customers []json.RawMessage `json:"customers"`
	Products  []json.RawMessage `json:"products"`
	Prices    []json.RawMessage `json:"prices"`
	Coupons   []json.RawMessage `json:"coupons"`
	TaxRates  []json.RawMessage `json:"tax_rates"`
}

// Load adds the objects of an account file to the sandbox; the package
// comment shows the format. Objects that exist under the same ID are
// replaced. Nothing is changed when it returns an error, which names the
// list, the position and the ID of the object it is about.
func (s *Server) Load(r io.Reader) (err error) {
	var file accountFile
	if err := decodeStrictly(r, &file); err != nil {
		return fmt.Errorf("sandbox data: %w", explained(err))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.caught(&err)
	if s.broken != nil {
		return s.broken
	}
	t := s.state.begin(s.now())
	if err := (loader{t}).all(&file); err != nil {
		return fmt.Errorf("sandbox data: %w", err)
	}
	if err := s.commit(t, fingerprint{}, nil); err != nil {
		return err
	}
	return s.settle()
}

// explained says what an account file has at its top.
func explained(err error) error {
	const lists = "account, tax_settings, customers, products, prices, coupons and tax_rates"
	var wrong *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	name, unknown := strings.CutPrefix(err.Error(), "json: unknown field ")
	switch {
	case errors.As(err, &wrong):
		return fmt.Errorf("%s: found a JSON %s; expected %s. An account file is an object with %s", cmp.Or(wrong.Field, "the file"), wrong.Value, jsonName(wrong.Type), lists)
	case errors.As(err, &syntax):
		return fmt.Errorf("it is no valid JSON at byte %d: %w", syntax.Offset, err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("it ends before its JSON does: %w", err)
	case unknown:
		return fmt.Errorf("unknown field %s; an account file has %s", name, lists)
	}
	return err
}

func decodeStrictly(r io.Reader, into any) error {
	decoder := json.NewDecoder(r)
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// Empty tells whether the sandbox has no object yet that an account file could have brought.
// A directory that cannot be read counts as not empty; what is asked next says so.
func (s *Server) Empty() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	var unread error
	defer s.caught(&unread)
	t := s.state
	return t.customers.empty() && t.products.empty() && t.prices.empty() && t.coupons.empty() && t.taxRates.empty()
}

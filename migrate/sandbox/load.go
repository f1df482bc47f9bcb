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

// readAccount reads an account file.
func readAccount(r io.Reader) (*accountFile, error) {
	var file accountFile
	if err := decodeStrictly(r, &file); err != nil {
		return nil, fmt.Errorf("sandbox data: %w", explained(err))
	}
	return &file, nil
}

// load puts the objects of an account file into a transaction. The error names the list, the position and the ID of
// each object that is refused.
func (f *accountFile) load(t *tx) error {
	if err := (loader{t}).all(f); err != nil {
		return fmt.Errorf("sandbox data: %w", err)
	}
	return nil
}

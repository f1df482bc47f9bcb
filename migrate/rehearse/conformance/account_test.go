package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/subferry/subferry/migrate"
)

// account is what was made of a scenario's account.json on a server.
type account struct {
	client *client
	suffix string            // keeps IDs that one chooses apart from those of earlier runs
	ids    map[string]string // of the server, by those of the scenario
	made   []string          // the paths of what was made, in that order
}

// catalog is the part of an account that belongs to no customer, in the order in which it can be made.
var catalog = []struct {
	list, path string
	chosen     bool // the ID may be chosen
}{{"products", "/v1/products", true}, {"prices", "/v1/prices", false}, {"coupons", "/v1/coupons", true}, {"tax_rates", "/v1/tax_rates", false}}

func readAccount(text string) (map[string][]object, error) {
	var lists map[string][]object
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	return lists, decoder.Decode(&lists)
}

// sell makes products, prices, coupons and tax rates.
func (a *account) sell(ctx context.Context, text string) error {
	lists, err := readAccount(text)
	if err != nil {
		return err
	}
	for _, kind := range catalog {
		for _, one := range lists[kind.list] {
			own, _ := one["id"].(string)
			delete(one, "id")
			if kind.chosen {
				one["id"] = own + a.suffix
			}
			id, err := a.client.create(ctx, kind.path, a.translated(one))
			if err != nil {
				return fmt.Errorf("%s: %w", own, err)
			}
			a.ids[own] = id
			a.made = append(a.made, kind.path+"/"+id)
		}
	}
	return nil
}

// enroll makes the scenario's customer, on a test clock and with a card attached.
func (a *account) enroll(ctx context.Context, text, clock string) (string, error) {
	lists, err := readAccount(text)
	if err != nil {
		return "", err
	}
	if len(lists["customers"]) != 1 {
		return "", errors.New("a scenario has one customer")
	}
	one := lists["customers"][0]
	own, _ := one["id"].(string)
	delete(one, "id")
	one["test_clock"] = clock
	if settings, ok := one["invoice_settings"].(object); ok {
		one["payment_method"] = settings["default_payment_method"]
	}
	if discount, ok := one["discount"].(object); ok {
		delete(one, "discount")
		one["coupon"] = a.translate(discount["coupon"])
	}
	a.ids[own], err = a.client.create(ctx, "/v1/customers", one)
	return a.ids[own], err
}

// translated replaces the scenario's IDs by those of the server.
func (a *account) translated(value object) object {
	return a.translate(value).(object)
}

func (a *account) translate(value any) any {
	switch value := value.(type) {
	case object:
		for key, inner := range value {
			value[key] = a.translate(inner)
		}
	case []any:
		for i, inner := range value {
			value[i] = a.translate(inner)
		}
	case nil:
		return "inf" // the end of the last tier; nothing else of a scenario is null
	case string:
		if id, ok := a.ids[value]; ok {
			return id
		}
	}
	return value
}

// names are the scenario's IDs by those of the server.
func (a *account) names() map[string]string {
	names := map[string]string{}
	for own, id := range a.ids {
		names[id] = own
	}
	return names
}

// facts are the IDs that planning the scenario's row needs to know of.
func (a *account) facts(text string) (ids migrate.ObjectIDs, err error) {
	lists, err := readAccount(text)
	for list, into := range map[string]*[]string{"products": &ids.Products, "prices": &ids.Prices, "coupons": &ids.Coupons, "tax_rates": &ids.TaxRates} {
		for _, one := range lists[list] {
			own, _ := one["id"].(string)
			*into = append(*into, a.ids[own])
		}
	}
	return ids, err
}

// discard deletes what can be deleted and archives the rest, the newest first.
func (a *account) discard(ctx context.Context) error {
	var failed []error
	for i := len(a.made) - 1; i >= 0; i-- {
		method, params := http.MethodPost, object{"active": false}
		if strings.HasPrefix(a.made[i], "/v1/coupons/") {
			method, params = http.MethodDelete, nil
		}
		_, err := a.client.do(ctx, method, a.made[i], params)
		failed = append(failed, err)
	}
	a.made = nil
	return errors.Join(failed...)
}

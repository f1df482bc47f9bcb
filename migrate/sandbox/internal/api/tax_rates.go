package api

import (
	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

var taxRateRoutes = map[string]handler{
	"GET /v1/tax_rates":             listTaxRates,
	"POST /v1/tax_rates":            createTaxRate,
	"GET /v1/tax_rates/{tax_rate}":  retrieveTaxRate,
	"POST /v1/tax_rates/{tax_rate}": updateTaxRate,
}

func listTaxRates(c *call) (any, error) {
	return page(c, c.tx.Store.TaxRates, "tax rate", "", func(o *object.TaxRate) bool {
		return sameBool(c.params, "active", o.Active) && sameBool(c.params, "inclusive", o.Inclusive) &&
			within(c.params, "created", o.Created)
	})
}

func createTaxRate(c *call) (any, error) {
	percent, err := object.ParsePercent(c.params.String("percentage"))
	if err != nil || percent < 0 || percent > 100*object.PercentUnit {
		return nil, apierr.Invalid("percentage", "Invalid percentage: must be from 0 to 100 with at most four decimals.")
	}
	o := object.NewTaxRate(c.tx.Store.IDs.Next("txr"), percent, c.tx.Now)
	o.Inclusive = c.params.Bool("inclusive")
	if err := c.setTaxRate(o, c.params); err != nil {
		return nil, err
	}
	c.tx.TaxRates.Put(o)
	store.Emit(c.tx, "tax_rate.created", o)
	return o, nil
}

func (c *call) setTaxRate(o *object.TaxRate, p *form.Node) error {
	if p.Has("display_name") {
		o.DisplayName = p.String("display_name")
	}
	setBool(&o.Active, p, "active")
	setText(&o.Country, p, "country")
	setText(&o.Description, p, "description")
	setText(&o.Jurisdiction, p, "jurisdiction")
	setText(&o.State, p, "state")
	setText(&o.TaxType, p, "tax_type")
	var err error
	o.Metadata, err = metadata(o.Metadata, p, "metadata")
	return err
}

func retrieveTaxRate(c *call) (any, error) {
	return retrieved(c, &c.tx.TaxRates, "tax rate", "tax_rate")
}

func updateTaxRate(c *call) (any, error) {
	if _, err := retrieved(c, &c.tx.TaxRates, "tax rate", "tax_rate"); err != nil {
		return nil, err
	}
	o := c.tx.TaxRates.Edit(c.id)
	if err := c.setTaxRate(o, c.params); err != nil {
		return nil, err
	}
	return o, nil
}

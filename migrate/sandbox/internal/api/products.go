package api

import (
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

var productRoutes = map[string]handler{
	"GET /v1/products":         listProducts,
	"POST /v1/products":        createProduct,
	"GET /v1/products/{id}":    retrieveProduct,
	"POST /v1/products/{id}":   updateProduct,
	"DELETE /v1/products/{id}": deleteProduct,
}

func listProducts(c *call) (any, error) {
	ids := texts(c.params, "ids")
	return page(c, c.tx.Store.Products, "product", "", func(o *object.Product) bool {
		return sameBool(c.params, "active", o.Active) && within(c.params, "created", o.Created) &&
			same(c.params, "url", string(o.URL)) &&
			sameBool(c.params, "shippable", o.Shippable != nil && *o.Shippable) &&
			(len(ids) == 0 || slices.Contains(ids, o.ID))
	})
}

func createProduct(c *call) (any, error) {
	id := c.params.String("id")
	if id == "" {
		id = c.tx.Store.IDs.Short("prod")
	} else if c.tx.Products.Get(id) != nil {
		return nil, apierr.Coded("resource_already_exists", "id", "Product already exists.")
	}
	o := object.NewProduct(id, c.tx.Now)
	if err := c.setProduct(o, c.params); err != nil {
		return nil, err
	}
	c.tx.Products.Put(o)
	store.Emit(c.tx, "product.created", o)
	return o, nil
}

func retrieveProduct(c *call) (any, error) { return retrieved(c, &c.tx.Products, "product", "id") }

func updateProduct(c *call) (any, error) {
	if _, err := retrieved(c, &c.tx.Products, "product", "id"); err != nil {
		return nil, err
	}
	o := c.tx.Products.Edit(c.id)
	o.Updated = c.tx.Now
	if err := c.setProduct(o, c.params); err != nil {
		return nil, err
	}
	return o, nil
}

func (c *call) setProduct(o *object.Product, p *form.Node) error {
	if p.Has("name") {
		o.Name = p.String("name")
	}
	setBool(&o.Active, p, "active")
	setText(&o.Description, p, "description")
	setText(&o.UnitLabel, p, "unit_label")
	setText(&o.URL, p, "url")
	if p.Has("shippable") {
		yes := p.Bool("shippable")
		o.Shippable = &yes
	}
	if p.Has("images") {
		o.Images = texts(p, "images")
	}
	if p.Has("features") {
		o.Features = nil
		for _, f := range p.List("features") {
			o.Features = append(o.Features, object.ProductFeature{Name: f.String("name")})
		}
	}
	var err error
	o.Metadata, err = metadata(o.Metadata, p, "metadata")
	return err
}

func deleteProduct(c *call) (any, error) {
	if _, err := retrieved(c, &c.tx.Products, "product", "id"); err != nil {
		return nil, err
	}
	for _, price := range c.tx.Store.Prices.All() {
		if price.Product == c.id {
			return nil, apierr.Invalid("", "This product cannot be deleted because it has one or more user-created prices.")
		}
	}
	c.tx.Products.Remove(c.id)
	return deletion("product", c.id), nil
}

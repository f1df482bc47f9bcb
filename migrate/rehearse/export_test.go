package rehearse

// Divided returns the configuration of a rehearsal whose parts have so many customers.
func (c Config) Divided(customersPerPart int) Config {
	c.customersPerPart = customersPerPart
	return c
}

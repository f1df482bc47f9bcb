// Package usage judges files of usage: events of billing meters, as the columns of Stripe's own usage upload state them.
//
//	identifier,timestamp,event_name,payload_stripe_customer_id,payload_value
//
// Further columns payload_NAME are dimensions of an event. Package validate reads the file and brings the rules about its
// text; the rules of this package, one file each, are about usage. RULES.md is written from them.
package usage

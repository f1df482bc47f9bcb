// Package webhooks takes the events by which Stripe tells that something has happened: it checks who has sent them, stores
// each once and as it came, answers at once, and leaves it to a job to apply them.
//
// Events come late, twice, in any order, and in the API version of the endpoint. So an event is only taken as word that an
// object has changed: what became of it is read from the account, at the account's pace, by the packages that the command
// line uses (monitor, usage). What cannot be read later, because it is a change and not a state, is noted with the event's
// ID. Whatever the order, the end is the same.
package webhooks

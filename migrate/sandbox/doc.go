// Package sandbox is an embedded stand-in for Stripe: an http.Handler with state that speaks Stripe's API version
// 2023-10-16, so that the client that talks to Stripe talks to it unchanged. Its state survives in a directory, its
// clock is handed in, and what it does not imitate it refuses instead of making something up; LIMITS.md lists that.
//
// Open returns a Server. Load fills it from an account file, Provision with whatever IDs a migration names. Requests
// reach it through ServeHTTP, or without a socket through Transport. Advance moves its clock and bills what falls due.
// Options.Fault makes requests fail on purpose, Options.Limits as many as Stripe would.
package sandbox

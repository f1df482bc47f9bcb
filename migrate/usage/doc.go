// Package usage sends a file of usage to the billing meters of an account, each event once.
package usage

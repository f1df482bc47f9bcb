package migrate_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
)

func TestAdvice(t *testing.T) {
	for name, tc := range map[string]struct {
		err  migrate.StripeError
		want string // part of the advice
	}{
		"wrong mode": {migrate.StripeError{Status: 404, Code: "resource_missing", Param: "customer",
			Message: "No such customer: 'cus_1'; a similar object exists in test mode, but a live mode key was used to make this request."}, "different modes"},
		"livemode_mismatch":             {migrate.StripeError{Status: 400, Code: "livemode_mismatch"}, "different modes"},
		"missing customer":              {migrate.StripeError{Status: 404, Code: "resource_missing", Param: "customer"}, "no such customer"},
		"missing price":                 {migrate.StripeError{Status: 404, Code: "resource_missing", Param: "phases[0][items][0][price]"}, "no object with this ID"},
		"parameter_unknown":             {migrate.StripeError{Status: 400, Code: "parameter_unknown"}, "does not know the parameter"},
		"parameter_missing":             {migrate.StripeError{Status: 400, Code: "parameter_missing"}, "lacks"},
		"parameter_invalid_integer":     {migrate.StripeError{Status: 400, Code: "parameter_invalid_integer"}, "whole number"},
		"coupon_expired":                {migrate.StripeError{Status: 400, Code: "coupon_expired"}, "coupon"},
		"customer_max_subscriptions":    {migrate.StripeError{Status: 400, Code: "customer_max_subscriptions"}, "500"},
		"customer_tax_location_invalid": {migrate.StripeError{Status: 400, Code: "customer_tax_location_invalid"}, "postal code"},
		"product_inactive":              {migrate.StripeError{Status: 400, Code: "product_inactive"}, "archived"},
		"idempotency_error":             {migrate.StripeError{Status: 400, Type: "idempotency_error"}, "other parameters"},
		"lock_timeout":                  {migrate.StripeError{Status: 429, Code: "lock_timeout"}, "same customer"},
		"rate_limit":                    {migrate.StripeError{Status: 429, Code: "rate_limit"}, "limit of requests"},
		"429 with a reason only":        {migrate.StripeError{Status: 429, RateLimitReason: "global-concurrency"}, "under way at once"},
		"rate_limit with a reason":      {migrate.StripeError{Status: 429, Code: "rate_limit", RateLimitReason: "endpoint-concurrency"}, "of this kind"},
		"429 without anything":          {migrate.StripeError{Status: 429}, "limit of requests"},
		"api_key_expired":               {migrate.StripeError{Status: 401, Code: "api_key_expired"}, "expired"},
		"401":                           {migrate.StripeError{Status: 401}, "does not accept the key"},
		"403":                           {migrate.StripeError{Status: 403}, "permission that the message names"},
		"unknown outcome":               {migrate.StripeError{Outcome: migrate.Unknown, Status: 500}, "looked through"},
		"nothing to add":                {migrate.StripeError{Outcome: migrate.Refused, Status: 400, Message: "Invalid timestamp"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := migrate.Advice(&tc.err)
			if tc.want == "" {
				require.Empty(t, got)
				return
			}
			require.Contains(t, got, tc.want)
		})
	}
	require.Empty(t, migrate.Advice(nil))
}

func TestARowThatWasNotSentBlamesNobody(t *testing.T) {
	err := &migrate.StripeError{Outcome: migrate.Refused, Code: migrate.CodeTooLate, Message: "not sent: too late"}
	require.EqualError(t, err, "not sent: too late")
}

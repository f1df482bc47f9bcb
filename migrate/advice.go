package migrate

import "strings"

// Advice returns what to do about an error of Stripe, in a sentence or two of our own, or "" when Stripe's message
// says all there is to say. It stands beside that message and never instead of it.
func Advice(err *StripeError) string {
	if err == nil {
		return ""
	}
	for _, text := range [...]string{adviceOnMode(err), adviceByCode[err.Code], adviceByType[err.Type], adviceByReason[err.RateLimitReason]} {
		if text != "" {
			return text
		}
	}
	if text := adviceByStatus[err.Status]; text != "" {
		return text
	}
	if err.Status == 0 && err.Outcome == Retryable && err.Err != nil {
		return "No connection was had, so nothing was sent: check the network, the proxy and the address, and run the same command again."
	}
	return adviceByOutcome[err.Outcome]
}

// adviceOnMode recognises the commonest cause of a missing object: Stripe says so in the message only.
func adviceOnMode(err *StripeError) string {
	switch {
	case err.Code == "livemode_mismatch", strings.Contains(err.Message, "a similar object exists in"):
		return "The key and the object are of different modes: use the key of the mode in which the object exists, " +
			"or the object's ID of the key's mode. Test mode and live mode share no objects."
	case err.Code == "resource_missing" && err.Param == "customer":
		return "The account of this key has no such customer: check that the key belongs to the account into which the customers were imported."
	}
	return ""
}

// adviceByCode, like the tables after it, never changes.
var adviceByCode = map[string]string{
	"resource_missing": "The account of this key has no object with this ID: check the ID in the column that param names, and that the key belongs to the right account.",
	"parameter_unknown": "Stripe's API does not know the parameter that param names. The request is made by this program, not by the file: " +
		"please report it with the request ID.",
	"parameter_missing":             "The row lacks what param names: fill the column and run the file again.",
	"parameter_invalid_integer":     "The column that param names needs a whole number without separators or decimals.",
	"coupon_expired":                "The coupon can no longer be redeemed: create a new one with the same terms and put its ID into the column coupon, or leave the column blank.",
	"customer_max_subscriptions":    "The customer has as many active or scheduled subscriptions as Stripe allows (500): cancel some, or move this one to another customer.",
	"customer_tax_location_invalid": "Automatic tax needs to know where the customer is: add an address or a postal code to the customer, or set automatic_tax to false.",
	"product_inactive":              "The product is archived: activate it in the Dashboard, or use a product that is active.",
	"idempotency_error":             adviceOnOtherParameters,
	"idempotency_key_in_use":        "The same request is still being executed. It is sent again with the same key, which creates nothing twice.",
	"lock_timeout":                  "Another request was changing the same customer or schedule. It is sent again; if this goes on, stop other programs that write to these customers.",
	"api_key_expired":               "The key has expired or was rolled: take the current one from the Dashboard (Developers, API keys). What was done so far is recorded; run the same command again.",
	"secret_key_required":           "A publishable key (pk_…) cannot do this: use a secret or restricted key.",
	"platform_api_key_expired":      "The key has expired or was rolled: take the current one from the Dashboard (Developers, API keys). What was done so far is recorded; run the same command again.",
	"testmode_charges_only":         "The account is not activated for live payments yet: finish its activation in the Dashboard.",
	"tax_id_invalid":                "The customer's tax ID is not valid: correct it at the customer.",
}

var adviceByType = map[string]string{
	"idempotency_error": adviceOnOtherParameters,
	"rate_limit_error":  adviceOnRate,
	"card_error": "The first invoice of a direct subscription could not be paid, so nothing was created. Before its start it collects what the " +
		"customer owes on the balance: settle that, or set a payment method that works, and run the row again.",
}

var adviceByReason = map[string]string{
	"global-rate":          adviceOnRate,
	"endpoint-rate":        adviceOnRate,
	"global-concurrency":   "The account has too many requests under way at once. They are sent again, fewer at a time; other programs that use the account share its limit.",
	"endpoint-concurrency": "Too many requests of this kind are under way at once. They are sent again, fewer at a time.",
	"resource-specific":    "Too many requests for one object. It is sent again later.",
}

var adviceByStatus = map[int]string{
	401: "Stripe does not accept the key: check that it is complete and that it was not revoked.",
	403: "The key may not do this. Add the permission that the message names to the restricted key: a migration writes subscription " +
		"schedules, with --direct subscriptions too, and reads the account, subscriptions, invoices, customers, prices, products, coupons and tax rates; usage writes meter events and their adjustments, and reads meters and events.",
	429: adviceOnRate,
	503: "Stripe is not available at the moment. The request is sent again; status.stripe.com tells more.",
}

var adviceByOutcome = map[Outcome]string{
	Unknown: "Whether Stripe executed the request is not known. Before it is sent again, the customer's schedules are looked through, so that nothing is created twice.",
}

const (
	adviceOnRate = "The account's limit of requests was reached. The request is sent again more slowly; nothing was created by it. " +
		"Other programs that use the account share the limit."
	adviceOnOtherParameters = "The same idempotency key was used before with other parameters: the file or the account's data changed between two runs. " +
		"Look at the migration's report for this row before running it again."
)

package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/subferry/subferry/migrate/export/exporttest"
)

// subscription is about as long as one of Stripe's, and indented as those are.
func subscription(o exporttest.Object) string {
	price := fmt.Sprintf(`{
            "id": "price_1Bench", "object": "price", "active": true, "billing_scheme": "per_unit", "created": %d, "currency": "usd",
            "custom_unit_amount": null, "livemode": false, "lookup_key": null, "metadata": {}, "nickname": null, "product": "prod_Bench",
            "recurring": {"aggregate_usage": null, "interval": "month", "interval_count": 1, "trial_period_days": null, "usage_type": "licensed"},
            "tax_behavior": "unspecified", "tiers_mode": null, "transform_quantity": null, "type": "recurring", "unit_amount": 1999, "unit_amount_decimal": "1999"
          }`, o.Created)
	return fmt.Sprintf(`{
      "id": %q, "object": "subscription", "application": null, "application_fee_percent": null, "automatic_tax": {"enabled": false},
      "billing_cycle_anchor": %d, "billing_thresholds": null, "cancel_at": null, "cancel_at_period_end": false, "canceled_at": null,
      "cancellation_details": {"comment": null, "feedback": null, "reason": null}, "collection_method": "charge_automatically", "created": %d,
      "currency": "usd", "current_period_end": %d, "current_period_start": %d, "customer": "cus_Bench%s", "days_until_due": null,
      "default_payment_method": null, "default_source": null, "default_tax_rates": [], "description": null, "discount": null, "ended_at": null,
      "items": {
        "object": "list", "data": [
        {
          "id": "si_%s", "object": "subscription_item", "billing_thresholds": null, "created": %d, "metadata": {}, "plan": %s, "price": %s,
          "quantity": 1, "subscription": %q, "tax_rates": []
        }
        ], "has_more": false, "total_count": 1, "url": "/v1/subscription_items?subscription=%s"
      },
      "latest_invoice": "in_1Bench", "livemode": false, "metadata": {"order": "%s"}, "next_pending_invoice_item_invoice": null, "on_behalf_of": null,
      "pause_collection": null, "payment_settings": {"payment_method_options": null, "payment_method_types": null, "save_default_payment_method": "off"},
      "pending_invoice_item_interval": null, "pending_setup_intent": null, "pending_update": null, "schedule": null, "start_date": %d,
      "status": "active", "test_clock": null, "transfer_data": null, "trial_end": null, "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}}, "trial_start": null
    }`, o.ID, o.Created, o.Created, o.Created+2_592_000, o.Created, o.ID[4:], o.ID[4:], o.Created, price, price, o.ID, o.ID, o.ID, o.Created)
}

// compact returns JSON without the spaces between its parts.
func compact(raw []byte) []byte {
	var line bytes.Buffer
	if json.Compact(&line, raw) != nil {
		return raw
	}
	return line.Bytes()
}

package sandbox

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPaymentMethods(t *testing.T) {
	b := open4test(t, Options{}).stock()
	customer := b.post("/v1/customers", "email=jo@example.com", "payment_method=pm_card_visa",
		"invoice_settings[default_payment_method]=pm_card_visa", "address[country]=DE", "shipping[name]=Jo", "shipping[address][city]=Bonn").ok()
	id, card := customer.text("id"), customer.text("invoice_settings.default_payment_method")
	require.NotEqual(t, "pm_card_visa", card, "a test token becomes a payment method of its own")
	require.Equal(t, "4242", b.get("/v1/payment_methods/"+card).ok().text("card.last4"))
	require.Equal(t, []string{card}, b.get("/v1/payment_methods", "customer="+id).ids())
	require.Equal(t, []string{card}, b.get("/v1/customers/"+id+"/payment_methods", "type=card").ids())

	own := b.post("/v1/payment_methods", "type=card", "card[number]=5555555555554444", "card[exp_month]=1", "card[exp_year]=2030", "card[cvc]=123").ok().text("id")
	b.post("/v1/customers/"+id, "invoice_settings[default_payment_method]="+own).fails(400, "resource_missing", "invoice_settings[default_payment_method]", "No such PaymentMethod")
	require.Equal(t, id, b.post("/v1/payment_methods/"+own+"/attach", "customer="+id).ok().text("customer"))
	b.post("/v1/payment_methods/"+own+"/attach", "customer=cus_1").fails(400, "", "payment_method", "already been attached")
	require.Equal(t, own, b.post("/v1/customers/"+id, "invoice_settings[default_payment_method]="+own).ok().text("invoice_settings.default_payment_method"))
	require.Equal(t, "mastercard", b.get("/v1/customers/"+id, "expand[]=invoice_settings.default_payment_method").ok().text("invoice_settings.default_payment_method.card.brand"))

	require.Nil(t, b.post("/v1/payment_methods/"+own+"/detach").ok().at("customer"))
	require.Nil(t, b.get("/v1/customers/"+id).ok().at("invoice_settings.default_payment_method"))
	b.post("/v1/payment_methods/"+own+"/detach").fails(400, "", "", "not attached")

	b.post("/v1/payment_methods/pm_card_chargeDeclined/attach", "customer="+id).fails(402, "card_declined", "", "Your card was declined.")
	b.post("/v1/payment_methods", "type=card", "card[number]=1234").fails(400, "incorrect_number", "card[number]", "incorrect")
	b.post("/v1/payment_methods", "type=sepa_debit").fails(400, "", "type", "does not imitate")
	b.get("/v1/payment_methods/pm_nope").fails(404, "resource_missing", "payment_method", "No such PaymentMethod: 'pm_nope'")
	require.Len(t, b.get("/v1/payment_methods", "customer=cus_1").ids(), 1, "a provisioned customer has a card")
}

func TestAFailedPaymentCanBeMadeGood(t *testing.T) {
	b := open4test(t, Options{}).stock().stockMore()
	b.post(schedulesPath, schedule("customer=cus_2")...).ok()
	b.advance("2026-03-04")
	invoice := b.get("/v1/invoices", "customer=cus_2").ids()[0]
	b.post("/v1/invoices/"+invoice+"/pay").fails(402, "card_declined", "", "declined")
	b.post("/v1/payment_methods/pm_card_visa/attach", "customer=cus_2").ok()
	good := b.get("/v1/payment_methods", "customer=cus_2").ids()[0]
	b.post("/v1/customers/cus_2", "invoice_settings[default_payment_method]="+good).ok()
	require.Equal(t, "paid", b.post("/v1/invoices/"+invoice+"/pay").ok().text("status"))
	require.Contains(t, b.story("cus_2"), "active until")
	b.post("/v1/invoices/"+invoice+"/pay").fails(400, "", "", "status of this one is `paid`")
}

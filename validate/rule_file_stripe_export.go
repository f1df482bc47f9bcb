package validate

func ruleFileStripeExport() Rule {
	return Rule{
		Code:     "file_stripe_export",
		Severity: Error,
		Title:    "The file is Stripe's own export of subscriptions",
		Why:      "Its columns mean something else: its Start Date is when the subscription began, its Current Period End is when the new one has to start, and rows of canceled subscriptions stand among the others.",
		Fix:      "Let `migrate convert` make a template of it, which asks for everything that the export does not know.",
		Bad:      "id,Customer ID,Plan,Quantity,Status,Start Date (UTC),Current Period End (UTC)\nsub_1,cus_Ada,price_Old,1,active,2024-01-01 10:00,2027-02-01 10:00\n",
		Good:     "customer,start_date,price,quantity,backdate_start_date,proration_behavior,metadata.old_Stripe_sub_id,metadata.source\ncus_Ada,1801476000,price_Pro,1,1704103200,none,sub_1,internal:Stripe\n",
		Source:   "toolkit guide, Stripe-to-Stripe; columns of the Dashboard's export of subscriptions",
		mends:    MendConvert,
		Header: func(h *HeaderCheck) {
			if h.Header.IsStripeExport() {
				h.Report(-1, Finding{Message: "this is the export of subscriptions of Stripe's Dashboard, not a file of the format."})
			}
		},
	}
}

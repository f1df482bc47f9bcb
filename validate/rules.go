package validate

// Rules returns the rules of this package in a stable order: the file, its header, the text of a row, its cells, and
// then what the cells mean together.
func Rules() []Rule {
	return []Rule{
		// The file.
		ruleFileEmpty(),
		ruleFileNoRows(),
		ruleFileEncoding(),
		ruleFileBOM(),
		ruleFileSeparator(),
		ruleFileLineEnds(),
		ruleFileBlankLines(),
		ruleFileTooLarge(),
		// The header.
		ruleColumnMissing(),
		ruleColumnUnknown(),
		ruleColumnDuplicate(),
		ruleColumnName(),
		ruleColumnBlank(),
		ruleMetadataKey(),
		// The text of a row.
		ruleQuoteUnclosed(),
		ruleQuoteInside(),
		ruleQuoteSpace(),
		ruleControlCharacter(),
		ruleTextBroken(),
		ruleRowBlank(),
		ruleRowRagged(),
		ruleCellSpaces(),
		// Cells that cannot be read.
		ruleDateNotUnix(),
		ruleNumberUnreadable(),
		ruleNumberTooLarge(),
		ruleBooleanUnreadable(),
		ruleAmountUnreadable(),
		ruleAmountHasDecimals(),
		ruleAmountTooPrecise(),
		// Who and when.
		ruleCustomerMissing(),
		ruleCustomerNotAnID(),
		ruleStartDateMissing(),
		ruleStartDateInPast(),
		ruleStartDateTooSoon(),
		ruleStartDateFar(),
		ruleStartAtMidnight(),
		// What is sold.
		ruleNothingSold(),
		rulePriceNotAnID(),
		ruleProductNotAnID(),
		ruleTemplatesMixed(),
		ruleQuantityWithoutPrice(),
		ruleQuantityNegative(),
		ruleQuantityZero(),
		// Items.
		ruleItemsTooMany(),
		ruleItemGap(),
		ruleAdhocItemIncomplete(),
		ruleInvoiceItemIncomplete(),
		ruleIntervalUnknown(),
		ruleIntervalMixed(),
		// Money.
		ruleCurrencyUnsupported(),
		ruleCurrencyCase(),
		ruleCurrencyMixed(),
		ruleAmountNegative(),
		ruleAmountStep(),
		ruleAmountLarge(),
		ruleAmountUnitUnstated(),
		// Metadata.
		ruleMetadataValue(),
		ruleMetadataTooMany(),
		ruleMetadataReserved(),
		// Taxes and coupons.
		ruleTaxConflict(),
		ruleTaxRateNotAnID(),
		ruleCouponNotAnID(),
		ruleCouponSeveral(),
		// How it is charged.
		ruleProrationBehaviorUnknown(),
		ruleCollectionMethodUnknown(),
		ruleDaysUntilDueMissing(),
		ruleDaysUntilDueAlone(),
		ruleDaysUntilDueNegative(),
		ruleDaysUntilDueZero(),
		// Trial and anchor.
		ruleTrialEndNotAfterStart(),
		ruleTrialEndTooLate(),
		ruleTrialAndAnchor(),
		ruleAnchorBeforeStart(),
		ruleAnchorTooLate(),
		ruleAnchorProrated(),
		ruleAnchorDrifts(),
		ruleProrationBlank(),
		// Backdate and cancel.
		ruleBackdateNotInPast(),
		ruleBackdateProrated(),
		ruleBackdateInMetadata(),
		ruleCancelInTrial(),
		ruleCouponInTrial(),
		ruleInvoiceItemInTrial(),
		// Rows compared with each other.
		ruleSubscriptionDuplicate(),
		ruleSourceIDDuplicate(),
		ruleCustomerTooMany(),
		// What only the account knows.
		ruleCustomerUnknown(),
		ruleCustomerNoPaymentMethod(),
		ruleCustomerNoEmail(),
		ruleCustomerNoTaxLocation(),
		// What only the account knows, of what is sold.
		rulePriceUnknown(),
		rulePriceInactive(),
		rulePriceNotRecurring(),
		rulePriceMetered(),
		rulePriceCurrency(),
		ruleProductUnknown(),
		ruleCouponUnknown(),
		ruleTaxRateUnknown(),
		ruleTaxBehavior(),
		ruleAccountUnknown(),
	}
}

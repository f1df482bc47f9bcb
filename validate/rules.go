package validate

import "slices"

// Rules returns the rules of this package in a stable order: the file, its header, the text of a row, its cells, what
// the cells mean together, rows compared with each other, and what only the account knows.
func Rules() []Rule {
	return slices.Concat(
		fileRules(),
		headerRules(),
		textRules(),
		cellRules(),
		whoRules(),
		soldRules(),
		itemRules(),
		moneyRules(),
		metadataRules(),
		taxRules(),
		chargeRules(),
		timingRules(),
		endingRules(),
		directRules(),
		fileWideRules(),
		customerRules(),
		accountRules(),
	)
}

// fileRules returns the rules about the file.
func fileRules() []Rule {
	return []Rule{
		ruleFileEmpty(),
		ruleFileNoRows(),
		ruleFileEncoding(),
		ruleFileBOM(),
		ruleFileSeparator(),
		ruleFileSeparatorLine(),
		ruleFileLineEnds(),
		ruleFileBlankLines(),
		ruleFileSheetDates(),
		ruleFileSheetChosen(),
		ruleFileSheetTitle(),
		ruleFileStripeExport(),
		ruleFileTooLarge(),
	}
}

// headerRules returns the rules about the header.
func headerRules() []Rule {
	return []Rule{
		ruleHeaderMissing(),
		ruleColumnMissing(),
		ruleColumnUnknown(),
		ruleColumnLeftover(),
		ruleColumnDuplicate(),
		ruleColumnName(),
		ruleColumnBlank(),
		ruleMetadataKey(),
	}
}

// textRules returns the rules about the text of a row.
func textRules() []Rule {
	return []Rule{
		ruleQuoteUnclosed(),
		ruleQuoteInside(),
		ruleQuoteSpace(),
		ruleControlCharacter(),
		ruleTextBroken(),
		ruleRowBlank(),
		ruleRowRemark(),
		ruleRowRagged(),
		ruleRowHeader(),
		ruleRowShifted(),
		ruleCellSpaces(),
		ruleCellPlaceholder(),
	}
}

// cellRules returns the rules about cells that cannot be read.
func cellRules() []Rule {
	return []Rule{
		ruleDateNotUnix(),
		ruleNumberUnreadable(),
		ruleNumberTooLarge(),
		ruleBooleanUnreadable(),
		ruleAmountUnreadable(),
		ruleAmountHasDecimals(),
		ruleAmountTooPrecise(),
	}
}

// whoRules returns the rules about who is subscribed, and from when.
func whoRules() []Rule {
	return []Rule{
		ruleCustomerMissing(),
		ruleCustomerNotAnID(),
		ruleStartDateMissing(),
		ruleStartDateInPast(),
		ruleStartDateTooSoon(),
		ruleStartDateFar(),
		ruleStartAtMidnight(),
	}
}

// soldRules returns the rules about what is sold.
func soldRules() []Rule {
	return []Rule{
		ruleNothingSold(),
		rulePriceNotAnID(),
		ruleProductNotAnID(),
		ruleTemplatesMixed(),
		rulePriceDuplicate(),
		ruleQuantityWithoutPrice(),
		ruleQuantityNegative(),
		ruleQuantityZero(),
	}
}

// itemRules returns the rules about items.
func itemRules() []Rule {
	return []Rule{
		ruleItemsTooMany(),
		ruleItemGap(),
		ruleAdhocItemIncomplete(),
		ruleInvoiceItemIncomplete(),
		ruleIntervalUnknown(),
		ruleIntervalMixed(),
	}
}

// moneyRules returns the rules about money.
func moneyRules() []Rule {
	return []Rule{
		ruleCurrencyUnsupported(),
		ruleCurrencyCase(),
		ruleCurrencyMixed(),
		ruleAmountNegative(),
		ruleAmountStep(),
		ruleAmountLarge(),
		ruleAmountUnitUnstated(),
	}
}

// metadataRules returns the rules about metadata.
func metadataRules() []Rule {
	return []Rule{
		ruleMetadataValue(),
		ruleMetadataTooMany(),
		ruleMetadataReserved(),
		ruleSourceSpelling(),
		ruleOldSubscriptionID(),
		ruleIDRounded(),
	}
}

// taxRules returns the rules about taxes and coupons.
func taxRules() []Rule {
	return []Rule{
		ruleTaxConflict(),
		ruleTaxRateNotAnID(),
		ruleCouponNotAnID(),
		ruleCouponSeveral(),
	}
}

// chargeRules returns the rules about how a row is charged.
func chargeRules() []Rule {
	return []Rule{
		ruleProrationBehaviorUnknown(),
		ruleCollectionMethodUnknown(),
		ruleDaysUntilDueMissing(),
		ruleDaysUntilDueAlone(),
		ruleDaysUntilDueNegative(),
		ruleDaysUntilDueZero(),
	}
}

// timingRules returns the rules about trial and anchor.
func timingRules() []Rule {
	return []Rule{
		ruleTrialEndNotAfterStart(),
		ruleTrialEndTooLate(),
		ruleTrialAndAnchor(),
		ruleAnchorBeforeStart(),
		ruleAnchorTooLate(),
		ruleAnchorProrated(),
		ruleAnchorDrifts(),
		ruleProrationBlank(),
	}
}

// endingRules returns the rules about backdate and cancel.
func endingRules() []Rule {
	return []Rule{
		ruleBackdateNotInPast(),
		ruleBackdateProrated(),
		ruleBackdateInMetadata(),
		ruleRenewalDayMoves(),
		ruleCancelInTrial(),
		ruleCanceledPaysAgain(),
		ruleCouponInTrial(),
		ruleInvoiceItemInTrial(),
		ruleInvoiceItemRepeats(),
	}
}

// directRules returns the rules about rows that become direct subscriptions.
func directRules() []Rule {
	return []Rule{
		ruleDirectAnchored(),
		ruleDirectProrated(),
		ruleDirectEnding(),
		ruleDirectBackdated(),
		ruleDirectInvoiceItem(),
		ruleDirectAnchorFar(),
		ruleDirectUsage(),
		ruleDirectDebt(),
	}
}

// fileWideRules returns the rules about rows compared with each other.
func fileWideRules() []Rule {
	return []Rule{
		ruleSubscriptionDuplicate(),
		ruleSourceIDDuplicate(),
		ruleSourceIDShared(),
		ruleSourceIDZeros(),
		ruleCustomerCurrencies(),
		ruleCustomerTooMany(),
	}
}

// customerRules returns the rules about customers that only the account knows.
func customerRules() []Rule {
	return []Rule{
		ruleCustomerUnknown(),
		ruleCustomerNoPaymentMethod(),
		ruleCustomerNoEmail(),
		ruleCustomerNoTaxLocation(),
		ruleFreeWithoutPaymentMethod(),
		ruleFreeWithoutEmail(),
		ruleCustomerCurrency(),
		ruleCouponReplacesDiscount(),
	}
}

// accountRules returns the rules about prices, products, coupons and tax rates that only the account knows.
func accountRules() []Rule {
	return []Rule{
		rulePriceUnknown(),
		rulePriceInactive(),
		rulePriceNotRecurring(),
		rulePriceMetered(),
		rulePriceCurrency(),
		ruleTotalLarge(),
		ruleProductUnknown(),
		ruleCouponUnknown(),
		ruleCouponExpires(),
		ruleCouponUsedUp(),
		ruleCouponAppliesToNothing(),
		ruleCouponCurrency(),
		ruleCouponRestarts(),
		ruleTaxRateUnknown(),
		ruleTaxBehavior(),
		ruleTaxBehaviorUnspecified(),
		ruleAccountUnknown(),
	}
}

package validate

// Rules returns the rules of this package in a stable order: the file, its header, the text of a row, its cells, what
// the cells mean together, rows compared with each other, and what only the account knows.
func Rules() []Rule {
	registered := registeredRules()
	rules := make([]Rule, len(registered))
	for i, rule := range registered {
		rules[i] = rule()
	}
	return rules
}

// TextRules returns the rules that hold for a table of any format: those about the file as a whole, and about the text of
// its header and rows.
func TextRules() []Rule {
	var rules []Rule
	for _, rule := range []func() Rule{
		ruleFileEmpty, ruleFileNoRows, ruleFileEncoding, ruleFileBOM, ruleFileSeparator, ruleFileSeparatorLine, ruleFileLineEnds,
		ruleFileBlankLines, ruleFileSheetDates, ruleFileSheetChosen, ruleFileSheetTitle, ruleColumnDuplicate, ruleColumnBlank,
		ruleQuoteUnclosed, ruleQuoteInside, ruleQuoteSpace, ruleControlCharacter, ruleTextBroken, ruleRowBlank, ruleRowRagged,
	} {
		rules = append(rules, rule())
	}
	return rules
}

// registeredRules lists the rules. A new one is a file rule_CODE.go and a line here; its findings are reviewed in
// testdata/rules, and RULES.md is written anew, with go test -update.
func registeredRules() []func() Rule {
	return []func() Rule{
		// about the file
		ruleFileEmpty,
		ruleFileNoRows,
		ruleFileEncoding,
		ruleFileBOM,
		ruleFileSeparator,
		ruleFileSeparatorLine,
		ruleFileLineEnds,
		ruleFileBlankLines,
		ruleFileSheetDates,
		ruleFileSheetChosen,
		ruleFileSheetTitle,
		ruleFileStripeExport,
		ruleFileTooLarge,
		// about the header
		ruleHeaderMissing,
		ruleColumnMissing,
		ruleColumnUnknown,
		ruleColumnLeftover,
		ruleColumnDuplicate,
		ruleColumnName,
		ruleColumnBlank,
		ruleMetadataKey,
		// about the text of a row
		ruleQuoteUnclosed,
		ruleQuoteInside,
		ruleQuoteSpace,
		ruleControlCharacter,
		ruleTextBroken,
		ruleRowBlank,
		ruleRowRemark,
		ruleRowRagged,
		ruleRowHeader,
		ruleRowShifted,
		ruleCellSpaces,
		ruleCellPlaceholder,
		// about cells that cannot be read
		ruleDateNotUnix,
		ruleNumberUnreadable,
		ruleNumberTooLarge,
		ruleBooleanUnreadable,
		ruleAmountUnreadable,
		ruleAmountHasDecimals,
		ruleAmountTooPrecise,
		// about who is subscribed, and from when
		ruleCustomerMissing,
		ruleCustomerNotAnID,
		ruleStartDateMissing,
		ruleStartDateInPast,
		ruleStartDateTooSoon,
		ruleStartDateFar,
		ruleStartAtMidnight,
		// about what is sold
		ruleNothingSold,
		rulePriceNotAnID,
		ruleProductNotAnID,
		ruleTemplatesMixed,
		rulePriceDuplicate,
		ruleQuantityWithoutPrice,
		ruleQuantityNegative,
		ruleQuantityLarge,
		ruleQuantityZero,
		// about items
		ruleItemsTooMany,
		ruleItemGap,
		ruleAdhocItemIncomplete,
		ruleInvoiceItemIncomplete,
		ruleIntervalUnknown,
		ruleIntervalMixed,
		// about money
		ruleCurrencyUnsupported,
		ruleCurrencyCase,
		ruleCurrencyMixed,
		ruleAmountNegative,
		ruleAmountStep,
		ruleAmountLarge,
		ruleAmountUnitUnstated,
		// about metadata
		ruleMetadataValue,
		ruleMetadataTooMany,
		ruleMetadataReserved,
		ruleSourceSpelling,
		ruleOldSubscriptionID,
		ruleIDRounded,
		// about taxes and coupons
		ruleTaxConflict,
		ruleTaxRateNotAnID,
		ruleCouponNotAnID,
		ruleCouponSeveral,
		// about how a row is charged
		ruleProrationBehaviorUnknown,
		ruleCollectionMethodUnknown,
		ruleDaysUntilDueMissing,
		ruleDaysUntilDueAlone,
		ruleDaysUntilDueNegative,
		ruleDaysUntilDueZero,
		// about trial and anchor
		ruleTrialEndNotAfterStart,
		ruleTrialEndTooLate,
		ruleTrialAndAnchor,
		ruleAnchorBeforeStart,
		ruleAnchorTooLate,
		ruleAnchorProrated,
		ruleAnchorDrifts,
		ruleProrationBlank,
		// about backdate and cancel
		ruleBackdateNotInPast,
		ruleBackdateProrated,
		ruleBackdateInMetadata,
		ruleRenewalDayMoves,
		ruleCancelInTrial,
		ruleCanceledPaysAgain,
		ruleCouponInTrial,
		ruleInvoiceItemInTrial,
		ruleInvoiceItemRepeats,
		// about rows that become direct subscriptions
		ruleDirectAnchored,
		ruleDirectProrated,
		ruleDirectEnding,
		ruleDirectBackdated,
		ruleDirectInvoiceItem,
		ruleDirectAnchorFar,
		ruleDirectStartFar,
		ruleDirectUsage,
		ruleDirectDebt,
		ruleDirectCouponUnset,
		ruleDirectCouponLimited,
		// about rows compared with each other
		ruleSubscriptionDuplicate,
		ruleSourceIDDuplicate,
		ruleSourceIDShared,
		ruleSourceIDZeros,
		ruleCustomerCurrencies,
		ruleCustomerTooMany,
		ruleAlreadyScheduled,
		// about customers that only the account knows
		ruleCustomerUnknown,
		ruleCustomerNoPaymentMethod,
		ruleCustomerNoEmail,
		ruleCustomerNoTaxLocation,
		ruleCardExpires,
		ruleSubscriptionExists,
		ruleCustomerFull,
		ruleFreeWithoutPaymentMethod,
		ruleFreeWithoutEmail,
		ruleCustomerCurrency,
		ruleCouponReplacesDiscount,
		// about prices, products, coupons and tax rates that only the account knows
		ruleSourceAccountID,
		ruleSourceTermsDiffer,
		rulePriceUnknown,
		rulePriceInactive,
		rulePriceNotRecurring,
		rulePriceMetered,
		rulePriceCurrency,
		ruleTotalLarge,
		ruleProductUnknown,
		ruleCouponUnknown,
		ruleCouponExpires,
		ruleCouponUsedUp,
		ruleCouponAppliesToNothing,
		ruleCouponCurrency,
		ruleCouponRestarts,
		ruleCouponLost,
		ruleCouponShortened,
		ruleTaxRateUnknown,
		ruleTaxBehavior,
		ruleTaxBehaviorUnspecified,
		ruleSettingsUnread,
		ruleAccountUnknown,
	}
}

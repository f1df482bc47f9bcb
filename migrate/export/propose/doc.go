// Package propose suggests which prices, coupons, tax rates and products of one account stand for those of another, for
// a person to review. It decides nothing: what is ambiguous, or named alike and different in terms, has no destination
// and says why.
package propose

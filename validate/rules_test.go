package validate_test

import (
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/account"
)

// example is how a rule's examples are validated where the usual way does not show the rule.
type example struct {
	opts      func(o *validate.Options) // for both
	bad, good string                    // instead of the rule's own, which are then said in words
	goodOpts  func(o *validate.Options)
}

func major(o *validate.Options)       { o.Unit = csvspec.UnitMajor }
func minor(o *validate.Options)       { o.Unit = csvspec.UnitMinor }
func unstated(o *validate.Options)    { o.Unit = csvspec.UnitUnstated }
func withAccount(o *validate.Options) { o.Account = exampleAccount() }

// examples lists the rules that need more than their examples to be shown.
func examples() map[string]example {
	trial := "customer,start_date,price,trial_end\ncus_Ada,1801440000,price_Pro,1802649600\n"
	adhoc := "customer,start_date,adhoc_items.0.amount,adhoc_items.0.product,adhoc_items.0.interval,adhoc_items.0.currency\n" +
		"cus_Ada,1801440000,1999,prod_Pro,month,usd\n"
	all := map[string]example{
		"amount_too_precise":   {opts: major},
		"amount_unit_unstated": {bad: adhoc, good: adhoc, opts: unstated, goodOpts: minor},
		"source_account_id": {opts: func(o *validate.Options) {
			withAccount(o)
			o.Account.SourceIDs = map[string]string{"price_Source": "price_Pro"}
		}},
		"source_terms_differ": {opts: func(o *validate.Options) {
			withAccount(o)
			o.Account.Unlike = map[string][]account.Unlike{"price_Tiers": {{Source: "price_Old", Here: "5.00 USD every month", There: "9.00 USD every month"}}}
		}},
		"account_unknown": {bad: trial, good: trial, goodOpts: withAccount},
	}
	for _, code := range []string{"customer_unknown", "customer_no_payment_method", "customer_no_email", "customer_no_tax_location",
		"price_unknown", "price_inactive", "price_not_recurring", "price_metered", "price_currency", "product_unknown",
		"coupon_unknown", "coupon_currency", "coupon_restarts", "tax_rate_unknown", "tax_behavior", "coupon_expires", "coupon_used_up",
		"coupon_applies_to_nothing", "coupon_replaces_discount", "customer_currency", "free_without_payment_method", "free_without_email",
		"tax_behavior_unspecified", "total_large", "card_expires", "subscription_exists", "customer_full", "settings_unread"} {
		all[code] = example{opts: withAccount}
	}
	for _, code := range []string{"direct_anchored", "direct_prorated", "direct_ending", "direct_backdated", "direct_invoice_item", "direct_anchor_far", "direct_start_far",
		"direct_usage", "direct_debt", "direct_coupon_unset", "direct_coupon_limited", "coupon_lost", "coupon_shortened"} {
		all[code] = example{opts: func(o *validate.Options) { withAccount(o); o.Direct = validate.DirectExact }}
	}
	return all
}

// elsewhere tells of rules whose bad file is no text, too big for the repository, or no mistake of the file alone: they
// have tests of their own.
func elsewhere(code string) bool {
	return code == "file_too_large" || code == "already_scheduled" || strings.HasPrefix(code, "file_sheet_")
}

// TestRules holds every rule to its own examples: the bad one breaks the rule, the good one does not, and what
// is said of both is kept in a golden file. The examples themselves stand in the rule only.
func TestRules(t *testing.T) {
	for _, rule := range validate.Rules() {
		if elsewhere(rule.Code) {
			continue
		}
		t.Run(rule.Code, func(t *testing.T) {
			x := examples()[rule.Code]
			opts := minorUnits()
			if x.opts != nil {
				x.opts(&opts)
			}
			bad := file(t, "bad.csv", cmp.Or(x.bad, rule.Bad), opts)
			if x.goodOpts != nil {
				x.goodOpts(&opts)
			}
			good := file(t, "good.csv", cmp.Or(x.good, rule.Good), opts)
			golden(t, filepath.Join("testdata", "rules", rule.Code+".golden"), describe(bad)+"\n"+describe(good))
			require.Contains(t, codes(bad.Findings), rule.Code)
			require.NotContains(t, codes(good.Findings), rule.Code)
			for _, f := range good.Findings {
				require.NotEqual(t, validate.Error, f.Severity, "a good example has no errors: %+v", f)
			}
			if rule.Severity == validate.Error {
				require.Len(t, errorsOf(bad), 1, "one mistake gives one finding")
			}
		})
	}
}

func errorsOf(r *validate.Report) []validate.Finding {
	var list []validate.Finding
	for _, f := range r.Findings {
		if f.Severity == validate.Error {
			list = append(list, f)
		}
	}
	return list
}

// TestRulesAreComplete makes a rule impossible that does not say everything there is to say.
func TestRulesAreComplete(t *testing.T) {
	seen := map[string]bool{}
	word := regexp.MustCompile(`^[a-z]+(_[a-z]+)+$`)
	for _, r := range validate.Rules() {
		require.Regexp(t, word, r.Code)
		require.False(t, seen[r.Code], "%s stands twice", r.Code)
		seen[r.Code] = true
		for what, text := range map[string]string{"title": r.Title, "why": r.Why, "fix": r.Fix, "good": r.Good, "source": r.Source} {
			require.NotEmpty(t, text, "%s: %s", r.Code, what)
		}
		require.Contains(t, []validate.Severity{validate.Error, validate.Warning, validate.Info}, r.Severity, r.Code)
		require.FileExists(t, "rule_"+r.Code+".go", "one rule is one file")
		if !elsewhere(r.Code) {
			require.FileExists(t, filepath.Join("testdata", "rules", r.Code+".golden"))
		}
	}
}

// TestNoOrphans finds golden files of rules that are gone.
func TestNoOrphans(t *testing.T) {
	known := map[string]bool{}
	for _, r := range validate.Rules() {
		known[r.Code] = true
	}
	files, err := os.ReadDir(filepath.Join("testdata", "rules"))
	require.NoError(t, err)
	for _, f := range files {
		code, isGolden := strings.CutSuffix(f.Name(), ".golden")
		require.True(t, isGolden && known[code], f.Name())
	}
}

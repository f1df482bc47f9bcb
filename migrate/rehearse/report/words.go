package report

import (
	"fmt"

	"github.com/subferry/subferry/csvspec/words"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/internal/page"
	"github.com/subferry/subferry/migrate/rehearse"
	"github.com/subferry/subferry/migrate/schedule"
)

// failureWords says what failed.
func failureWords(f rehearse.Failure) string {
	if f.Kind == rehearse.RowRefused {
		if f.Code == "" {
			return "refused: " + f.Message
		}
		return "refused (" + f.Code + "): " + f.Message
	}
	return fmt.Sprintf("the payment of %s failed, of the invoice of %s UTC", page.Money(f.Money.Minor, f.Money.Currency), page.Exact(f.At))
}

// differenceWords says in what an invoice is not what was forecast.
func differenceWords(d rehearse.Difference) string {
	want, got := d.Forecast, d.Made
	switch d.Kind {
	case rehearse.NotForecast:
		return fmt.Sprintf("an invoice over %s at %s UTC is not in the forecast", page.Money(got.Total, got.Currency), page.Exact(got.At))
	case rehearse.NotMade:
		return fmt.Sprintf("%s are forecast for %s UTC, and no invoice was made", page.Money(want.Total, want.Currency), page.Exact(want.At))
	case rehearse.OtherMoment:
		return fmt.Sprintf("forecast for %s UTC, invoiced at %s UTC", page.Exact(want.At), page.Exact(got.At))
	case rehearse.OtherDiscount:
		return "discount at " + page.Exact(got.At) + " UTC: " + pair(want.Discount, got.Discount, want.Currency)
	case rehearse.OtherTax:
		return "tax at " + page.Exact(got.At) + " UTC: " + pair(want.Tax+want.TaxIncluded, got.Tax+got.TaxIncluded, want.Currency)
	case rehearse.OtherDue:
		return "amount due at " + page.Exact(got.At) + " UTC: " + pair(want.Due, got.Due, want.Currency)
	case rehearse.OtherCurrency:
		return fmt.Sprintf("at %s UTC: %s forecast, %s invoiced", page.Exact(got.At), page.Money(want.Total, want.Currency), page.Money(got.Total, got.Currency))
	}
	return "at " + page.Exact(got.At) + " UTC: " + pair(want.Total, got.Total, want.Currency)
}

func pair(want, got int64, currency string) string {
	return page.Money(want, currency) + " forecast, " + page.Money(got, currency) + " invoiced"
}

// agreement says in one sentence how far the invoices are as forecast.
func agreement(r *rehearse.Rehearsal) string {
	text := "Every invoice is as forecast: " + words.Grouped(r.Compared) + " compared."
	if r.Compared == 0 {
		text = "No invoice could be compared with the forecast."
	}
	if r.Differences.Rows > 0 {
		text = fmt.Sprintf("The invoices of %s are not as forecast; %s compared.", words.GroupedCount(r.Differences.Rows, "row"), words.Grouped(r.Compared))
	}
	if r.Unforecast > 0 {
		text += fmt.Sprintf(" The amount of %s cannot be known beforehand.", words.GroupedCount(r.Unforecast, "invoice"))
	}
	return text
}

// rowsWords says what became of the rows.
func rowsWords(r *rehearse.Rehearsal) string {
	report := r.Review.Report
	text := words.Grouped(r.Scheduled) + " of " + words.GroupedCount(int64(report.Rows), "row") + " scheduled"
	for _, one := range []struct {
		n    int64
		what string
	}{
		{r.Refused, "refused"},
		{int64(report.Deferred), "held back (start too soon)"},
		{int64(report.Invalid), "left out (have errors)"},
	} {
		if one.n > 0 {
			text += ", " + words.Grouped(one.n) + " " + one.what
		}
	}
	return text
}

// directWords says how many rows became direct subscriptions, and what that means; "" when none did.
func directWords(r *rehearse.Rehearsal) string {
	if r.Direct == 0 {
		return ""
	}
	return words.GroupedCount(r.Direct, "direct subscription") + " among them. " + schedule.DirectMeaning
}

// basisWords says what the amounts of a rehearsal rest on.
func basisWords(r *rehearse.Rehearsal) string {
	if r.Assumptions[forecast.MadeUpAccount] > 0 {
		return page.MadeUp
	}
	text := "All amounts are computed from the account."
	if len(r.Assumptions) > 0 || len(r.Unknown) > 0 {
		text = "The amounts are computed from the account, but for those that are said to be assumed or not known."
	}
	return text
}

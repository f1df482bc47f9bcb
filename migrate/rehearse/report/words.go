package report

import (
	"fmt"

	"github.com/subferry/subferry/migrate/rehearse"
)

// failureWords says what failed.
func failureWords(f rehearse.Failure) string {
	if f.Kind == rehearse.RowRefused {
		if f.Code == "" {
			return "refused: " + f.Message
		}
		return "refused (" + f.Code + "): " + f.Message
	}
	return fmt.Sprintf("the payment of %s failed, of the invoice of %s UTC", money(f.Money.Minor, f.Money.Currency), exact(f.At))
}

// differenceWords says in what an invoice is not what was forecast.
func differenceWords(d rehearse.Difference) string {
	want, got := d.Forecast, d.Made
	switch d.Kind {
	case rehearse.NotForecast:
		return fmt.Sprintf("an invoice over %s at %s UTC is not in the forecast", money(got.Total, got.Currency), exact(got.At))
	case rehearse.NotMade:
		return fmt.Sprintf("%s are forecast for %s UTC, and no invoice was made", money(want.Total, want.Currency), exact(want.At))
	case rehearse.OtherMoment:
		return fmt.Sprintf("forecast for %s UTC, invoiced at %s UTC", exact(want.At), exact(got.At))
	case rehearse.OtherDiscount:
		return "discount at " + exact(got.At) + " UTC: " + pair(want.Discount, got.Discount, want.Currency)
	case rehearse.OtherTax:
		return "tax at " + exact(got.At) + " UTC: " + pair(want.Tax+want.TaxIncluded, got.Tax+got.TaxIncluded, want.Currency)
	case rehearse.OtherCurrency:
		return fmt.Sprintf("at %s UTC: %s forecast, %s invoiced", exact(got.At), money(want.Total, want.Currency), money(got.Total, got.Currency))
	}
	return "at " + exact(got.At) + " UTC: " + pair(want.Total, got.Total, want.Currency)
}

func pair(want, got int64, currency string) string {
	return money(want, currency) + " forecast, " + money(got, currency) + " invoiced"
}

// agreement says in one sentence how far the invoices are as forecast.
func agreement(r *rehearse.Rehearsal) string {
	text := "Every invoice is as forecast: " + number(r.Compared) + " compared."
	if r.Compared == 0 {
		text = "No invoice could be compared with the forecast."
	}
	if r.Differences.Rows > 0 {
		text = fmt.Sprintf("The invoices of %s are not as forecast; %s compared.", count(r.Differences.Rows, "row"), number(r.Compared))
	}
	if r.Unforecast > 0 {
		text += fmt.Sprintf(" The amount of %s cannot be known beforehand.", count(r.Unforecast, "invoice"))
	}
	return text
}

// rowsWords says what became of the rows.
func rowsWords(r *rehearse.Rehearsal) string {
	report := r.Review.Report
	text := number(r.Scheduled) + " of " + count(int64(report.Rows), "row") + " scheduled"
	for _, one := range []struct {
		n    int64
		what string
	}{
		{r.Refused, "refused"},
		{int64(report.Deferred), "held back (start too soon)"},
		{int64(report.Invalid), "left out (have errors)"},
	} {
		if one.n > 0 {
			text += ", " + number(one.n) + " " + one.what
		}
	}
	return text
}

// sumsWords says what is charged, and what becomes of it.
func sumsWords(s rehearse.Sums, currency string) string {
	text := money(s.Amount, currency) + " in " + count(s.Charges, "charge")
	if s.Sent > 0 {
		text += fmt.Sprintf("; of it %s sent as %s to be paid", money(s.SentAmount, currency), count(s.Sent, "invoice"))
	}
	if s.Failed > 0 {
		text += fmt.Sprintf("; %s not collected: %s", money(s.FailedAmount, currency), count(s.Failed, "failed payment"))
	}
	return text
}

// busiest names the day on which most is charged; "" when one day is like the other. Month ends stand out: all who pay
// on the 29th to the 31st pay on one day in a short month.
func busiest(days []rehearse.Day, currency string) string {
	if len(days) < 2 {
		return ""
	}
	most := days[0]
	for _, d := range days {
		if d.Amount > most.Amount {
			most = d
		}
	}
	return fmt.Sprintf("The busiest day is %s: %s in %s.", most.Date.Time().Format("Monday, 2 January 2006"), money(most.Amount, currency), count(most.Charges, "charge"))
}
